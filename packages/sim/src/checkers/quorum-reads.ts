/**
 * Reads, judged one by one:
 * - It returns nothing that was never written, had surely failed, or began only after the read had ended.
 * - It accounts for every write that was acknowledged before it began and that so many homes must hold (those that
 *   acknowledged it; for `os` without those that have lost power since) that it must have asked one of them. Under `lww`
 *   it may show one with a higher dot instead.
 * - It does not return what such a write had surely replaced (no resurrection).
 * - What a plain GET shows of it is one of the values that have not expired, or nothing if there is none.
 * A delete that found nothing to remove is judged as what it is: a read that found nothing.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";
import { type Kept, NOT_KEPT } from "./kept.ts";
import { Meetings } from "./meetings.ts";
import { Supersession } from "./supersession.ts";

export function checkReads(
  history: History,
  meetings = new Meetings(history),
  kept: Kept = NOT_KEPT,
): Violation[] {
  const supersession = new Supersession(history);
  const violations: Violation[] = [];
  for (const read of history.operations) {
    if (read.ending !== "ok") continue;
    if (read.kind === "delete" && read.wroteNothing)
      checkIdleDelete(read, history, meetings, supersession, violations);
    if (read.kind !== "get") continue;
    checkShown(read, violations);
    checkInvented(read, supersession, violations);
    checkAccounts(read, meetings, supersession, kept, violations);
    checkResurrection(read, history, meetings, supersession, violations);
  }
  return violations;
}

function checkShown(read: Operation, violations: Violation[]): void {
  const live = read.values.filter((id) => !read.expired.includes(id));
  const { newest } = read;
  if (newest === null || (newest === 0 ? live.length === 0 : live.includes(newest))) return;
  violations.push({
    checker: "quorum",
    key: read.key,
    text: `a plain GET shows ${newest === 0 ? "nothing" : `#${newest}`} of what was read\n  ${describe(read)}`,
    operations: [read.id],
  });
}

/** It has asked a majority; so what a majority surely held, and nobody else can have removed, it should have found. */
function checkIdleDelete(
  idle: Operation,
  history: History,
  meetings: Meetings,
  supersession: Supersession,
  violations: Violation[],
): void {
  const looked = { ...idle, homes: Math.floor(history.n / 2) + 1, answered: [] };
  for (const put of meetings.of(looked)) {
    if (put.kind !== "put" || put.expiryMs !== 0) continue;
    const mayHaveRemoved = ({ id, invokedUs, endedUs }: Operation): boolean =>
      id !== put.id && id !== idle.id && endedUs >= put.invokedUs && invokedUs < idle.endedUs;
    if (supersession.writes(idle.key).some(mayHaveRemoved)) continue;
    violations.push({
      checker: "quorum",
      key: idle.key,
      text: `a delete found nothing though a write was there\n  ${describe(put)}\n  ${describe(idle)}`,
      operations: [put.id, idle.id],
    });
  }
}

function checkInvented(read: Operation, supersession: Supersession, violations: Violation[]): void {
  for (const id of read.values) {
    const write = supersession.operation(id);
    const isReal =
      write?.kind === "put" && write.key === read.key && write.ending !== "failed" && !write.isForeign;
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
  meetings: Meetings,
  supersession: Supersession,
  kept: Kept,
  violations: Violation[],
): void {
  const accounted = supersession.accountedFor(read);
  for (const write of meetings.of(read)) {
    if (accounted.has(write.id) || kept.isBeaten(write, supersession.seenBy(read))) continue;
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
  meetings: Meetings,
  supersession: Supersession,
  violations: Violation[],
): void {
  for (const id of read.values) {
    const old = supersession.operation(id);
    if (old === undefined) continue;
    for (const write of meetings.of(read)) {
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
