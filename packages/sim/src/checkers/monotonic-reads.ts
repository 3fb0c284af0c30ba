/**
 * Of reads that bring the homes level before they are answered, and that ask a majority, none returns less than one that
 * ended before it began: all that the earlier one returned is there, or something that had seen it.
 *
 * Of writes that were only given to operating systems a power cut may take what a read has shown; their keys are left
 * out where there was one, and everything where a disk was lost.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";
import { type Kept, NOT_KEPT } from "./kept.ts";
import { Supersession } from "./supersession.ts";

export function checkMonotonicReads(history: History, kept: Kept = NOT_KEPT): Violation[] {
  if (history.lostDisks.length > 0) return [];
  const supersession = new Supersession(history);
  const unsafe = new Set<string>();
  if (history.powerCuts.length > 0)
    for (const { key, durability, kind } of history.operations)
      if (kind !== "get" && durability === "os") unsafe.add(key);
  const byKey = new Map<string, Operation[]>();
  for (const read of history.operations) {
    const { kind, ending, levelsFirst, homes, key } = read;
    const isLevel = kind === "get" && ending === "ok" && levelsFirst && 2 * homes > history.n;
    if (isLevel && !unsafe.has(key)) byKey.set(key, [...(byKey.get(key) ?? []), read]);
  }
  return [...byKey.values()].flatMap((reads) => violationsOf(reads, supersession, kept));
}

function violationsOf(reads: readonly Operation[], supersession: Supersession, kept: Kept): Violation[] {
  const violations: Violation[] = [];
  for (const later of reads) {
    const accounted = supersession.accountedFor(later);
    const seen = supersession.seenBy(later);
    for (const earlier of reads) {
      if (earlier.endedUs > later.invokedUs) continue;
      const missed = earlier.values.find((id) => {
        const write = supersession.operation(id);
        return write !== undefined && !accounted.has(id) && !kept.isBeaten(write, seen);
      });
      if (missed === undefined) continue;
      violations.push({
        checker: "monotonic",
        key: later.key,
        text: `a read that levels first returned less than one before it: #${missed}\n  ${describe(earlier)}\n  ${describe(later)}`,
        operations: [missed, earlier.id, later.id],
      });
    }
  }
  return violations;
}
