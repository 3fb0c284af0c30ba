/**
 * A causal context as bytes: a table `run -> clock` in order of (member, start), 20 bytes an entry. An entry
 * claims every dot of that run up to its clock, and nothing of the member's other runs.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Dot } from "./dot.ts";
import { ENTRY_BYTES, readU32, readU64, writeEntry } from "./record-layout.ts";

/** Negative, zero or positive: the order of the run at `a[i]` and the run at `b[j]`. Sixteen bytes would not do: the order is of 12. */
function compareRuns(a: Bytes, i: number, b: Bytes, j: number): number {
  for (let k = 0; k < 12; k++) {
    const difference = (a[i + k] ?? 0) - (b[j + k] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The clock up to which a context claims a run; 0 when it claims nothing of it. */
export function claimedOf(context: Bytes, member: number, start: number): number {
  for (let at = 0; at < context.length; at += ENTRY_BYTES) {
    if (readU32(context, at) === member && readU64(context, at + 4) === start)
      return readU64(context, at + 12);
  }
  return 0;
}

/** Whether `a` claims everything that `b` claims. */
export function contextDominates(a: Bytes, b: Bytes): boolean {
  let i = 0;
  for (let j = 0; j < b.length; j += ENTRY_BYTES) {
    while (i < a.length && compareRuns(a, i, b, j) < 0) i += ENTRY_BYTES;
    if (i >= a.length || compareRuns(a, i, b, j) !== 0) return false;
    if (readU64(a, i + 12) < readU64(b, j + 12)) return false;
    i += ENTRY_BYTES;
  }
  return true;
}

/** The least context that claims what either claims. */
export function contextUnion(a: Bytes, b: Bytes): Bytes {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const out = new Uint8Array(a.length + b.length);
  let i = 0;
  let j = 0;
  let end = 0;
  while (i < a.length || j < b.length) {
    const order = i >= a.length ? 1 : j >= b.length ? -1 : compareRuns(a, i, b, j);
    const takeA = order < 0 || (order === 0 && readU64(a, i + 12) >= readU64(b, j + 12));
    const from = takeA ? a : b;
    const at = takeA ? i : j;
    out.set(from.subarray(at, at + ENTRY_BYTES), end);
    end += ENTRY_BYTES;
    if (order <= 0) i += ENTRY_BYTES;
    if (order >= 0) j += ENTRY_BYTES;
  }
  return out.subarray(0, end);
}

/**
 * What of a context's claims is not above `clock`: whoever has seen a run up to some clock has seen it up to any
 * earlier one.
 */
export function contextUpTo(context: Bytes, clock: number): Bytes {
  const out = new Uint8Array(context.length);
  let end = 0;
  for (let at = 0; at < context.length; at += ENTRY_BYTES) {
    const start = readU64(context, at + 4);
    if (start > clock) continue;
    writeEntry(out, end, readU32(context, at), start, Math.min(readU64(context, at + 12), clock));
    end += ENTRY_BYTES;
  }
  return out.subarray(0, end);
}

/** The entries of `a` that claim more than `b` does. */
export function contextBeyond(a: Bytes, b: Bytes): Bytes {
  let out: Uint8Array | null = null;
  let end = 0;
  let j = 0;
  for (let i = 0; i < a.length; i += ENTRY_BYTES) {
    while (j < b.length && compareRuns(b, j, a, i) < 0) j += ENTRY_BYTES;
    const same = j < b.length && compareRuns(b, j, a, i) === 0;
    if (same && readU64(b, j + 12) >= readU64(a, i + 12)) continue;
    out ??= new Uint8Array(a.length);
    out.set(a.subarray(i, i + ENTRY_BYTES), end);
    end += ENTRY_BYTES;
  }
  return out === null ? EMPTY_BYTES : out.subarray(0, end);
}

/** `context` with the claim on one run raised to `clock`. */
export function contextWith(context: Bytes, member: number, start: number, clock: number): Bytes {
  const entry = new Uint8Array(ENTRY_BYTES);
  writeEntry(entry, 0, member, start, clock);
  return contextUnion(context, entry);
}

/** The position of a run among the entries, which is what versions name it by; -1 when it is not there. */
export function runIndexOf(context: Bytes, member: number, start: number): number {
  for (let at = 0, index = 0; at < context.length; at += ENTRY_BYTES, index++) {
    if (readU32(context, at) === member && readU64(context, at + 4) === start) return index;
  }
  return -1;
}

/** The highest clock named anywhere in a context, starts of runs included; 0 for the empty one. */
export function contextMaxClock(context: Bytes): number {
  let max = 0;
  for (let at = 0; at < context.length; at += ENTRY_BYTES) {
    const start = readU64(context, at + 4);
    const clock = readU64(context, at + 12);
    if (clock > max) max = clock;
    if (start > max) max = start;
  }
  return max;
}

/** Whether foreign bytes are a context in its one form: whole entries, in order, safe clocks, each above its run's start. */
export function isContext(context: Bytes): boolean {
  if (context.length % ENTRY_BYTES !== 0) return false;
  for (let at = 0; at < context.length; at += ENTRY_BYTES) {
    const start = readU64(context, at + 4);
    const clock = readU64(context, at + 12);
    if (readU32(context, at) === 0 || !Number.isSafeInteger(clock) || start > clock) return false;
    if (at > 0 && compareRuns(context, at - ENTRY_BYTES, context, at) >= 0) return false;
  }
  return true;
}

/** The entries as data, for people. */
export function contextDots(context: Bytes): Dot[] {
  const dots: Dot[] = [];
  for (let at = 0; at < context.length; at += ENTRY_BYTES) {
    dots.push({
      member: readU32(context, at),
      start: readU64(context, at + 4),
      clock: readU64(context, at + 12),
    });
  }
  return dots;
}
