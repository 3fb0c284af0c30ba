/**
 * Where a scan stands, as one whole number. The keys of a namespace are in order of (slot, hash of the key): those
 * that agree in both are a *bucket*. A cursor names a bucket and a second hash of the key inside it, so that a bucket
 * too large for one page can be taken in several, whatever comes and goes meanwhile:
 *
 * `slot (14 bits) | hash (16) | second hash (22)`
 *
 * That is below 2^53, so clients that make a JavaScript or Lua number of it lose nothing. 0 is the beginning, and in
 * an answer the end. Nothing of a scan is kept by any member: any of them goes on from any cursor.
 */
import type { Bytes } from "../base/bytes.ts";
import { hash32 } from "../base/hash.ts";
import { SLOTS } from "../ring/slot.ts";
import { hashOfRecordKey, slotOfRecordKey } from "../storage/keyspace.ts";

const HASHES = 0x1_0000;
/** How many second hashes there are. */
export const SUBS = 2 ** 22;
const SUB_SEED = 0x7363_616e;

/** The highest cursor that means anything. */
export const SCAN_CURSOR_MAX = SLOTS * HASHES * SUBS - 1;

export interface ScanPlace {
  /** `slot * 65,536 + hash`; that of slot 16,384 is the end. */
  readonly bucket: number;
  /** Keys of that bucket with a lower second hash are done. */
  readonly sub: number;
}

/** The cursor at which the keys of a slot begin, or those of a slot with this 16-bit hash. */
export function slotCursor(slot: number, hash = 0): number {
  return cursorOf({ bucket: slotBucket(slot) + hash, sub: 0 });
}

export function cursorOf({ bucket, sub }: ScanPlace): number {
  return bucket * SUBS + sub;
}

export function placeOfCursor(cursor: number): ScanPlace {
  return { bucket: Math.floor(cursor / SUBS), sub: cursor % SUBS };
}

/** The first bucket of a slot. */
export function slotBucket(slot: number): number {
  return slot * HASHES;
}

export function slotOfBucket(bucket: number): number {
  return Math.floor(bucket / HASHES);
}

export function hashOfBucket(bucket: number): number {
  return bucket % HASHES;
}

export function bucketOf(storageKey: Bytes): number {
  return slotOfRecordKey(storageKey) * HASHES + hashOfRecordKey(storageKey);
}

/** A key's second hash. */
export function subOf(key: Bytes): number {
  return hash32(key, 0, key.length, SUB_SEED) >>> 10;
}
