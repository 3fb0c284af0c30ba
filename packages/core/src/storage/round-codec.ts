/**
 * How a round lies in a segment. Numbers are big-endian.
 *
 *  0 magic "kvrd"            4 CRC-32C of all that follows, seeded by the segment
 *  8 length u32, whole round 12 entries u32
 * 16 sequence u64            24 synced through u64      32 flushed through u64
 * 40 format u32              44 entries
 *
 * entry: kind u8 (1 put, 2 remove, 3 remove range), key length u24, value length u32, key, value.
 *
 * *Synced through* is the last round that was known to survive a power cut when this one was written. A valid round
 * that claims so of a round which is not valid any more is the proof that the latter was damaged, not cut short.
 * *Flushed through* is the last round whose effect the engine's own files held.
 */
import { assert } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";

export const ROUND_HEADER_BYTES = 44;
const ENTRY_HEADER_BYTES = 8;

const MAGIC = 0x6b76_7264;
const FORMAT = 1;
const CRC_AT = 4;
const SUMMED_FROM = 8;
const KEY_BYTES_MAX = 0xff_ffff;

const PUT = 1;
const REMOVE = 2;
const REMOVE_RANGE = 3;

export function entryBytes(key: Bytes, value: Bytes | null): number {
  return ENTRY_HEADER_BYTES + key.length + (value === null ? 0 : value.length);
}

export interface RoundContents {
  readonly sequence: number;
  readonly count: number;
  readonly keys: readonly Bytes[];
  /** Null: the key is removed. Where the entry is a range removal: the end of the range. */
  readonly values: readonly (Bytes | null)[];
  /** The entries that are range removals, ascending; `keys` has their beginnings. */
  readonly ranges: readonly number[];
  /** How large the encoded round is. */
  readonly bytes: number;
}

export interface RoundStamp {
  readonly syncedThrough: number;
  readonly flushedThrough: number;
  /** The segment's. */
  readonly seed: number;
}

/** Writes a round from the writer's beginning. */
export function encodeRound(round: RoundContents, stamp: RoundStamp, writer: ByteWriter): void {
  writer.reset();
  writer.u32(MAGIC);
  writer.u32(0);
  writer.u32(round.bytes);
  writer.u32(round.count);
  writer.u64(round.sequence);
  writer.u64(stamp.syncedThrough);
  writer.u64(stamp.flushedThrough);
  writer.u32(FORMAT);
  let nextRange = 0;
  for (let i = 0; i < round.count; i++) {
    const key = round.keys[i] ?? EMPTY_BYTES;
    const value = round.values[i] ?? null;
    let kind = value === null ? REMOVE : PUT;
    if (round.ranges[nextRange] === i) {
      kind = REMOVE_RANGE;
      nextRange++;
    }
    assert(key.length <= KEY_BYTES_MAX, "a key's length fits in 24 bits");
    writer.u32(kind * 0x100_0000 + key.length);
    writer.u32(value === null ? 0 : value.length);
    writer.bytes(key);
    if (value !== null) writer.bytes(value);
  }
  assert(writer.length === round.bytes, "a round is as large as its entries say");
  writer.patchU32(CRC_AT, crc32c(writer.view(), SUMMED_FROM, round.bytes, stamp.seed));
}

export interface RoundHeader {
  readonly length: number;
  readonly count: number;
  readonly sequence: number;
  readonly syncedThrough: number;
  readonly flushedThrough: number;
}

/** Whether the four bytes that begin every round are at this place. */
export function isRoundMagic(bytes: Bytes, at: number): boolean {
  return bytes[at] === 0x6b && bytes[at + 1] === 0x76 && bytes[at + 2] === 0x72 && bytes[at + 3] === 0x64;
}

/**
 * The header of the round at this place, if the whole round is there, its sum is right and its sequence is one of
 * `sequenceMin .. sequenceMax`; else null. (The sequence is looked at before the sum, which is the expensive part
 * where bytes only happen to look like a round.)
 */
export function readRoundHeader(
  bytes: Bytes,
  at: number,
  seed: number,
  sequenceMin: number,
  sequenceMax: number,
): RoundHeader | null {
  if (!isRoundMagic(bytes, at)) return null;
  const reader = new ByteReader(bytes, at + CRC_AT, bytes.length);
  const crc = reader.u32();
  const length = reader.u32();
  const count = reader.u32();
  const sequence = reader.u64();
  const syncedThrough = reader.u64();
  const flushedThrough = reader.u64();
  const format = reader.u32();
  if (reader.failed || format !== FORMAT) return null;
  if (length < ROUND_HEADER_BYTES || length > bytes.length - at) return null;
  if (sequence < sequenceMin || sequence > sequenceMax) return null;
  if (crc32c(bytes, at + SUMMED_FROM, at + length, seed) !== crc) return null;
  return { length, count, sequence, syncedThrough, flushedThrough };
}

export interface EntryVisitor {
  onPut(key: Bytes, value: Bytes): void;
  onRemove(key: Bytes): void;
  onRemoveRange(from: Bytes, to: Bytes): void;
}

/** Walks over the entries of a round, one at a time. Keys and values are views into the segment's bytes. */
export class RoundEntries {
  readonly #reader: ByteReader;
  #left: number;

  constructor(bytes: Bytes, at: number, header: RoundHeader) {
    this.#reader = new ByteReader(bytes, at + ROUND_HEADER_BYTES, at + header.length);
    this.#left = header.count;
  }

  /** Hands over the next entry; false when there is none. */
  next(visitor: EntryVisitor): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    const kindAndLength = this.#reader.u32();
    const valueLength = this.#reader.u32();
    const key = this.#reader.bytes(kindAndLength & KEY_BYTES_MAX);
    const value = this.#reader.bytes(valueLength);
    assert(!this.#reader.failed, "a round whose sum is right holds its entries");
    const kind = kindAndLength >>> 24;
    if (kind === PUT) visitor.onPut(key, value);
    else if (kind === REMOVE) visitor.onRemove(key);
    else {
      assert(kind === REMOVE_RANGE, "an entry is of a known kind");
      visitor.onRemoveRange(key, value);
    }
    return true;
  }
}
