/**
 * The policy `lww`: of concurrent versions the one with the highest dot stays. The others go, but their dots stay
 * claimed, so that they cannot come back; whoever stores what is left here writes them to the conflict ledger first.
 *
 * This joins like any other merge because the highest dot among all that two records claim is never superseded: a
 * minted clock exceeds everything its author had seen. So whatever the order, the same version is left.
 */
import type { Bytes } from "../base/bytes.ts";
import { contextDots } from "./causal-context.ts";
import type { Version } from "./dot.ts";
import { contextOf, encodeRecord, isLiveVersion, versionsOf } from "./record.ts";
import { ENTRY_BYTES, writeEntry } from "./record-layout.ts";
import { type SeenContext, seenOf } from "./seen-context.ts";

/** The version with the highest dot (by clock, then member, then start) of a record or head; null: none. */
export function winnerOf(record: Bytes | null): Version | null {
  return versionsOf(record).at(-1) ?? null;
}

/** The winner of a record or head, if it is a value that has not expired: what a reader goes by. */
export function liveWinnerOf(record: Bytes | null, nowMs: number): Version | null {
  const winner = winnerOf(record);
  return winner !== null && isLiveVersion(winner, nowMs) ? winner : null;
}

/** All the others, oldest first. */
export function losersOf(record: Bytes): Version[] {
  return versionsOf(record).slice(0, -1);
}

/** A whole record with its winner alone, under the claims of all. */
export function keepWinner(record: Bytes): Bytes {
  return encodeRecord(contextOf(record), versionsOf(record).slice(-1));
}

/**
 * What the reader of a record (or of its head) has seen when he is shown the winner alone: not the losers. A write
 * with this must not pass for one that had seen them, so the claims on their runs end before them.
 */
export function seenOfWinner(record: Bytes | null): SeenContext {
  const versions = versionsOf(record);
  if (record === null || versions.length < 2) return seenOf(record);
  const winner = versions.slice(-1);
  const losers = versions.slice(0, -1);
  const entries = contextDots(contextOf(record)).flatMap(({ member, start, clock }) => {
    let seen = clock;
    for (const { dot } of losers)
      if (dot.member === member && dot.start === start) seen = Math.min(seen, dot.clock - 1);
    return seen < start || seen === 0 ? [] : [{ member, start, clock: seen }];
  });
  const claims = new Uint8Array(entries.length * ENTRY_BYTES);
  for (const [i, { member, start, clock }] of entries.entries())
    writeEntry(claims, i * ENTRY_BYTES, member, start, clock);
  const dots = new Uint8Array(ENTRY_BYTES);
  for (const { dot } of winner) writeEntry(dots, 0, dot.member, dot.start, dot.clock);
  return { claims, dots };
}
