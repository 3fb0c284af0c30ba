/**
 * Walks over all keys:
 * - none lists a key twice, or one that nobody has written by then;
 * - it lists what was acknowledged before it began, by so many homes that a majority of them must have it, if nobody can
 *   have removed it;
 * - it does not list what was surely removed before it began.
 * A key is judged as a majority read it at some time while the walk lasted.
 */
import type { History, Operation, Violation, Walk } from "../workloads/history.ts";
import { describe, mustMeet, seconds } from "../workloads/history.ts";
import { type Kept, NOT_KEPT } from "./kept.ts";
import { Supersession } from "./supersession.ts";

export function checkWalks(history: History, kept: Kept = NOT_KEPT): Violation[] {
  const supersession = new Supersession(history);
  return history.walks.flatMap((walk) => [
    ...checkOnce(walk),
    ...checkUnknown(walk, supersession),
    ...supersession.keys.flatMap((key) => checkKey(walk, key, supersession, history, kept)),
  ]);
}

function checkOnce(walk: Walk): Violation[] {
  const seen = new Set<string>();
  const again = walk.keys.filter((key) => seen.has(key) || !seen.add(key));
  return again.map((key) => violation(walk, key, "a walk listed a key twice", []));
}

function checkUnknown(walk: Walk, supersession: Supersession): Violation[] {
  const isWritten = (key: string): boolean =>
    supersession.writes(key).some(({ kind, invokedUs }) => kind === "put" && invokedUs < walk.endedUs);
  return walk.keys
    .filter((key) => !isWritten(key))
    .map((key) => violation(walk, key, "a walk listed a key that nobody has written", []));
}

function checkKey(
  walk: Walk,
  key: string,
  supersession: Supersession,
  history: History,
  kept: Kept,
): Violation[] {
  const begun = supersession.writes(key).filter(({ invokedUs }) => invokedUs < walk.endedUs);
  const met = begun.filter((write) => isMet(walk, write, history));
  if (walk.keys.includes(key)) {
    const removal = met.find(
      (write) => write.kind === "delete" && isLast(write, begun, supersession, history),
    );
    return removal === undefined ? [] : [violation(walk, key, "a walk listed what was removed", [removal])];
  }
  const missed = met.find((put) => put.kind === "put" && put.expiryMs === 0 && isSafe(put, begun, kept));
  return missed === undefined ? [] : [violation(walk, key, "a walk missed a key", [missed])];
}

function isMet(walk: Walk, write: Operation, history: History): boolean {
  if (write.ending !== "ok" || write.wroteNothing || write.endedUs > walk.beganUs) return false;
  const look = { ...write, homes: Math.floor(history.n / 2) + 1, answered: [], endedUs: walk.endedUs };
  return mustMeet(look, write, history);
}

/** Whether nobody removes the key, or lets it expire, while or after this was written. */
function isSafe(put: Operation, begun: readonly Operation[], kept: Kept): boolean {
  return begun.every(
    (other) =>
      other === put ||
      (other.kind === "put" && other.expiryMs === 0) ||
      (other.endedUs < put.invokedUs && !kept.isBeaten(put, [other])),
  );
}

/** Whether all that was put is gone by this delete. */
function isLast(
  removal: Operation,
  begun: readonly Operation[],
  supersession: Supersession,
  history: History,
): boolean {
  return begun.every(
    (other) => other.kind === "delete" || supersession.surelyCovers(removal, other, history),
  );
}

function violation(walk: Walk, key: string, what: string, involved: readonly Operation[]): Violation {
  const when = `the walk lasted from ${seconds(walk.beganUs)} to ${seconds(walk.endedUs)} s`;
  return {
    checker: "walks",
    key,
    text: [what, ...involved.map(describe), when].join("\n  "),
    operations: involved.map(({ id }) => id),
  };
}
