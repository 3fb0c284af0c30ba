/**
 * The durability ledger: after healing, every acknowledged write is returned by a read of all homes, or something
 * returned may rightly have replaced it. The same holds for every fsynced write that any read ever returned, though
 * its own client may not know how it ended: readers are shown only what is committed where they read. (Where a disk
 * is lost, what was shown by its member may go with it.)
 * Under `lww` what lost may instead stand in some member's conflict ledger, or be held yet by a home that has not met
 * what beats it; but it must have been beaten: something with a higher dot is returned.
 * What only fallbacks hold counts like what homes hold, since everybody is back; unless somebody's disk is lost.
 * An `os` acknowledgement counts as long as one of the homes that gave it has not lost power since the write began.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe, isKept } from "../workloads/history.ts";
import { type Kept, NOT_KEPT } from "./kept.ts";
import { Supersession } from "./supersession.ts";

/** `finalReads`: acknowledged reads of all homes, after healing. */
export function checkDurability(
  history: History,
  finalReads: readonly Operation[],
  kept: Kept = NOT_KEPT,
): Violation[] {
  const supersession = new Supersession(history);
  const shown = new Set(history.operations.flatMap((read) => (isLasting(read, history) ? read.values : [])));
  const violations: Violation[] = [];
  for (const read of finalReads) {
    const shownNow = supersession.seenBy(read);
    const lawfullyBeaten = supersession
      .writes(read.key)
      .filter((write) => kept.has(write) && kept.isBeaten(write, shownNow));
    const accounted = supersession.accountedFor(read, lawfullyBeaten);
    for (const write of supersession.writes(read.key)) {
      if (write.invokedUs >= read.invokedUs || accounted.has(write.id)) continue;
      const isPromised = isKept(write, history, read.invokedUs);
      const wasShown = write.durability === "fsync" && shown.has(write.id);
      if (!isPromised && !wasShown) continue;
      violations.push({
        checker: "durability",
        key: read.key,
        text: `${isPromised ? "an acknowledged" : "a once returned"} write is lost\n  ${describe(write)}\n  ${describe(read)}`,
        operations: [write.id, read.id],
      });
    }
  }
  return violations;
}

/** Whether none of the homes that a read's answer came from has lost its disk. */
function isLasting(read: Operation, { lostDisks }: History): boolean {
  return !lostDisks.some(({ member }) => read.answered.includes(member));
}
