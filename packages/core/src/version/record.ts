/**
 * A record is what a home stores for a key: a set of versions and the causal context that claims their dots and
 * those of everything they superseded. It lives as bytes (see `record-layout.ts`); this file makes, checks and
 * reads them. Null stands for the empty record: no version, no claim.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { transientBytes } from "../base/transient-bytes.ts";
import { claimedOf, isContext, runIndexOf } from "./causal-context.ts";
import type { Version } from "./dot.ts";
import {
  ENTRY_BYTES,
  FIXED_BYTES,
  RECORD_FORMAT,
  VERSION_BYTES,
  contextCount,
  contextTable,
  crcHolds,
  headLength,
  readU16,
  readU32,
  readU64,
  recordLength,
  sealRecord,
  versionAt,
  versionClock,
  versionCount,
  versionExpiryMs,
  versionIsTombstone,
  versionRun,
  versionValueLength,
  writeFixed,
  writeVersion,
} from "./record-layout.ts";

/** The head of a record (a view): all of it but the values. A head is its own head. */
export function headOf(record: Bytes): Bytes {
  return record.subarray(0, headLength(record));
}

/** Whether the values are left out. */
export function isHeadOnly(record: Bytes): boolean {
  return record.length < recordLength(record);
}

/** Makes the canonical record of a context and versions; the context must claim every version's dot. */
export function encodeRecord(context: Bytes, versions: readonly Version[]): Bytes {
  const sorted = versions.length < 2 ? versions : versions.toSorted(compareVersions);
  let length = FIXED_BYTES + context.length + sorted.length * VERSION_BYTES;
  for (const version of sorted) length += version.value.length;
  const record = transientBytes(length);
  writeFixed(record, context.length / ENTRY_BYTES, sorted.length);
  record.set(context, FIXED_BYTES);
  let at = FIXED_BYTES + context.length;
  let valueAt = at + sorted.length * VERSION_BYTES;
  for (const { dot, kind, expiryMs, value } of sorted) {
    assert(claimedOf(context, dot.member, dot.start) >= dot.clock, "a record claims its own dots");
    const run = runIndexOf(context, dot.member, dot.start);
    writeVersion(record, at, run, kind === "tombstone", dot.clock, expiryMs, value.length);
    record.set(value, valueAt);
    at += VERSION_BYTES;
    valueAt += value.length;
  }
  sealRecord(record);
  return record;
}

/** Oldest first; dots are unique, so the order is total. */
function compareVersions(a: Version, b: Version): number {
  return a.dot.clock - b.dot.clock || a.dot.member - b.dot.member || a.dot.start - b.dot.start;
}

/** The record with one version and the given context: what every overwrite makes. The fast path of the store. */
export function encodeSingle(
  context: Bytes,
  member: number,
  start: number,
  clock: number,
  tombstone: boolean,
  expiryMs: number,
  value: Bytes,
): Bytes {
  const run = runIndexOf(context, member, start);
  assert(run >= 0, "the context names the run of the new dot");
  const at = FIXED_BYTES + context.length;
  const record = transientBytes(at + VERSION_BYTES + value.length);
  writeFixed(record, context.length / ENTRY_BYTES, 1);
  record.set(context, FIXED_BYTES);
  writeVersion(record, at, run, tombstone, clock, expiryMs, value.length);
  record.set(value, at + VERSION_BYTES);
  sealRecord(record);
  return record;
}

/** Whether bytes are a whole, undamaged record in its one form. */
export function isRecord(bytes: Bytes): boolean {
  return isHeadForm(bytes) && bytes.length === recordLength(bytes) && crcHolds(bytes);
}

/** Whether bytes from elsewhere are the head of a record. Its CRC speaks of the whole, and cannot be checked here. */
export function isHead(bytes: Bytes): boolean {
  return isHeadForm(bytes) && bytes.length === headLength(bytes);
}

function isHeadForm(bytes: Bytes): boolean {
  if (bytes.length < FIXED_BYTES || bytes[0] !== RECORD_FORMAT || bytes[1] !== 0) return false;
  if (readU16(bytes, 6) !== 0 || bytes.length < headLength(bytes)) return false;
  const context = contextTable(bytes);
  if (!isContext(context)) return false;
  const entries = contextCount(bytes);
  const versions = versionCount(bytes);
  let length = headLength(bytes);
  let previous = -1;
  let previousRun = -1;
  for (let i = 0; i < versions; i++) {
    const at = versionAt(bytes, i);
    const run = versionRun(bytes, at);
    const clock = versionClock(bytes, at);
    if (run >= entries || (bytes[at + 2] ?? 2) > 1 || bytes[at + 3] !== 0) return false;
    if (clock > readU64(context, run * ENTRY_BYTES + 12) || clock < readU64(context, run * ENTRY_BYTES + 4))
      return false;
    if (!Number.isSafeInteger(versionExpiryMs(bytes, at))) return false;
    if (clock < previous || (clock === previous && run <= previousRun)) return false;
    previous = clock;
    previousRun = run;
    length += versionValueLength(bytes, at);
  }
  return length === recordLength(bytes);
}

/** The versions of a record or head, oldest first; values are views (empty for a head). */
export function versionsOf(record: Bytes | null): Version[] {
  const versions: Version[] = [];
  if (record === null) return versions;
  const count = versionCount(record);
  const headOnly = isHeadOnly(record);
  let valueAt = headLength(record);
  for (let i = 0; i < count; i++) {
    const at = versionAt(record, i);
    const end = valueAt + versionValueLength(record, at);
    versions.push(versionHere(record, at, headOnly ? EMPTY_BYTES : record.subarray(valueAt, end)));
    valueAt = end;
  }
  return versions;
}

function versionHere(record: Bytes, at: number, value: Bytes): Version {
  const entry = FIXED_BYTES + versionRun(record, at) * ENTRY_BYTES;
  return {
    dot: {
      member: readU32(record, entry),
      start: readU64(record, entry + 4),
      clock: versionClock(record, at),
    },
    kind: versionIsTombstone(record, at) ? "tombstone" : "value",
    expiryMs: versionExpiryMs(record, at),
    value,
  };
}

/** Whether a version is a value that has not expired at `nowMs`. */
function isLive(record: Bytes, at: number, nowMs: number): boolean {
  if (versionIsTombstone(record, at)) return false;
  const expiryMs = versionExpiryMs(record, at);
  return expiryMs === 0 || expiryMs > nowMs;
}

/** The same of a decoded version. */
export function isLiveVersion({ kind, expiryMs }: Version, nowMs: number): boolean {
  return kind === "value" && (expiryMs === 0 || expiryMs > nowMs);
}

/** Whether any version is a value that has not expired at `nowMs`. Works on heads. */
export function hasLive(record: Bytes | null, nowMs: number): boolean {
  if (record === null) return false;
  const count = versionCount(record);
  for (let i = 0; i < count; i++) if (isLive(record, versionAt(record, i), nowMs)) return true;
  return false;
}

/** Whether a value that is live at `fromMs` has expired at `toMs`. Works on heads. */
export function expiresWithin(record: Bytes | null, fromMs: number, toMs: number): boolean {
  if (record === null) return false;
  const count = versionCount(record);
  for (let i = 0; i < count; i++) {
    const at = versionAt(record, i);
    if (isLive(record, at, fromMs) && !isLive(record, at, toMs)) return true;
  }
  return false;
}

/** The newest version by dot that is live at `nowMs`, or null. */
export function newestLive(record: Bytes | null, nowMs: number): Version | null {
  if (record === null) return null;
  const headOnly = isHeadOnly(record);
  let end = record.length;
  for (let i = versionCount(record) - 1; i >= 0; i--) {
    const at = versionAt(record, i);
    const start = end - versionValueLength(record, at);
    if (isLive(record, at, nowMs))
      return versionHere(record, at, headOnly ? EMPTY_BYTES : record.subarray(start, end));
    end = start;
  }
  return null;
}

/** The context table of a record; empty for the empty record. */
export function contextOf(record: Bytes | null): Bytes {
  return record === null ? EMPTY_BYTES : contextTable(record);
}
