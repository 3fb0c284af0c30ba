/**
 * What a client has seen of a key, as it comes back in a token: claims (a causal context), and dots by themselves.
 * Dots are needed because a claim covers a run up to a clock. Whoever wrote beside a sibling of the same run has
 * seen his own dot, but not that sibling. (Dotted version vectors keep the same distinction.)
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { claimedOf, contextDots, contextMaxClock } from "./causal-context.ts";
import type { Dot } from "./dot.ts";
import { contextOf, versionsOf } from "./record.ts";
import { ENTRY_BYTES, readU32, readU64, writeEntry } from "./record-layout.ts";

export interface SeenContext {
  readonly claims: Bytes;
  /** Dots of 20 bytes each (member u32, start u64, clock u64), in order of clock, member and start. */
  readonly dots: Bytes;
}

/** What the reader of a record (or of its head) has seen: all of it. */
export function seenOf(record: Bytes | null): SeenContext {
  if (record === null) return { claims: EMPTY_BYTES, dots: EMPTY_BYTES };
  return { claims: contextOf(record), dots: dotTable(versionsOf(record).map(({ dot }) => dot)) };
}

/** What the author of a write with a context has seen: what the context covered, and his own dot. */
export function seenWith(seen: SeenContext, dot: Dot): SeenContext {
  return { claims: seen.claims, dots: dotTable([dot]) };
}

function dotTable(dots: readonly Dot[]): Bytes {
  const table = new Uint8Array(dots.length * ENTRY_BYTES);
  for (const [i, { member, start, clock }] of dots.entries())
    writeEntry(table, i * ENTRY_BYTES, member, start, clock);
  return table;
}

export function hasSeen(seen: SeenContext, { member, start, clock }: Dot): boolean {
  if (claimedOf(seen.claims, member, start) >= clock) return true;
  for (let at = 0; at < seen.dots.length; at += ENTRY_BYTES) {
    if (
      readU64(seen.dots, at + 12) === clock &&
      readU32(seen.dots, at) === member &&
      readU64(seen.dots, at + 4) === start
    ) {
      return true;
    }
  }
  return false;
}

/** Whether a record's claims cover all that was seen, so that a write built on it can supersede all of it. */
export function knowsSeen(record: Bytes | null, seen: SeenContext): boolean {
  const context = contextOf(record);
  return contextDots(seen.dots).every(
    ({ member, start, clock }) =>
      claimedOf(context, member, start) >= clock || claimedOf(seen.claims, member, start) >= clock,
  );
}

/** The highest clock named anywhere in it. */
export function seenMaxClock(seen: SeenContext): number {
  return Math.max(contextMaxClock(seen.claims), contextMaxClock(seen.dots));
}

/** Whether foreign bytes are a table of dots in its one form. */
export function isDotTable(dots: Bytes): boolean {
  if (dots.length % ENTRY_BYTES !== 0) return false;
  let previous: Dot | null = null;
  for (const dot of contextDots(dots)) {
    if (dot.member === 0 || !Number.isSafeInteger(dot.clock) || dot.start > dot.clock) return false;
    if (previous !== null && compareDots(previous, dot) >= 0) return false;
    previous = dot;
  }
  return true;
}

function compareDots(a: Dot, b: Dot): number {
  return a.clock - b.clock || a.member - b.member || a.start - b.start;
}
