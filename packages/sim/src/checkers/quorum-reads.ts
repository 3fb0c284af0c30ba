/**
 * Reads, judged one by one:
 * - It returns nothing that was never written, had surely failed, or began only after the read had ended.
 * - It accounts for every write that was acknowledged before it began and that so many homes must hold (those that
 *   acknowledged it; for `os` without those that have lost power since) that it must have asked one of them.
 * - It does not return what such a write had surely replaced (no resurrection).
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { boundHolders, describe } from "../workloads/history.ts";
import { Supersession } from "./supersession.ts";

export function checkReads(history: History): Violation[] {
  const supersession = new Supersession(history);
  const violations: Violation[] = [];
  for (const read of history.operations) {
    if (read.kind !== "get" || read.ending !== "ok") continue;
    checkInvented(read, supersession, violations);
    checkAccounts(read, history, supersession, violations);
    checkResurrection(read, history, supersession, violations);
  }
  return violations;
}

function checkInvented(read: Operation, supersession: Supersession, violations: Violation[]): void {
  for (const id of read.values) {
    const write = supersession.operation(id);
    const isReal = write?.kind === "put" && write.key === read.key && write.ending !== "failed";
    if (isReal && write.invokedUs < read.endedUs) continue;
    const what = write === undefined ? `nobody wrote #${id}` : describe(write);
    violations.push({
      checker: "invented",
      key: read.key,
      text: `a read returned what cannot be\n  ${what}\n  ${describe(read)}`,
      operations: [id, read.id],
    });
  }
}

function checkAccounts(
  read: Operation,
  history: History,
  supersession: Supersession,
  violations: Violation[],
): void {
  const accounted = supersession.accountedFor(read);
  for (const write of supersession.writes(read.key)) {
    if (write.endedUs > read.invokedUs || accounted.has(write.id)) continue;
    if (!mustMeet(read, write, history)) continue;
    violations.push({
      checker: "quorum",
      key: read.key,
      text: `a read missed an acknowledged write\n  ${describe(write)}\n  ${describe(read)}`,
      operations: [write.id, read.id],
    });
  }
}

function checkResurrection(
  read: Operation,
  history: History,
  supersession: Supersession,
  violations: Violation[],
): void {
  for (const id of read.values) {
    const old = supersession.operation(id);
    if (old === undefined) continue;
    for (const write of supersession.writes(read.key)) {
      if (write.endedUs > read.invokedUs || !mustMeet(read, write, history)) continue;
      if (!supersession.surelyCovers(write, old, history)) continue;
      violations.push({
        checker: "resurrection",
        key: read.key,
        text: `a read returned what had been replaced\n  ${describe(old)}\n  ${describe(write)}\n  ${describe(read)}`,
        operations: [old.id, write.id, read.id],
      });
    }
  }
}

/** Whether the homes that a read asked and those that must hold a write when it ends have one in common. */
function mustMeet(read: Operation, write: Operation, history: History): boolean {
  return read.homes + boundHolders(write, history, read.endedUs).length > history.n;
}
