/**
 * Where everything lies in a record's bytes. One form only (canonical), so that equal records are equal byte for
 * byte; big-endian throughout.
 *
 * ```
 *  0 u8   format, 1            16 + 20 i   context entry i: member u32, start u64, clock u64
 *  1 u8   reserved, 0                      in order of (member, start)
 *  2 u16  context entries C    then 24 j   version j: index of its run in the context u16, kind u8 (0 value,
 *  4 u16  versions V                       1 tombstone), reserved u8, clock u64, expiry u64 (ms, 0 none),
 *  6 u16  reserved, 0                      value length u32; in order of (clock, run index)
 *  8 u32  length of the whole  then        the values, one after the other
 * 12 u32  CRC-32C of everything but these four bytes
 * ```
 *
 * The *head* is all of it but the values. It names every dot, so equal heads mean equal records; that is what a
 * digest read returns, and what the context cache keeps.
 */
import { type Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";

export const RECORD_FORMAT = 1;
export const FIXED_BYTES = 16;
export const ENTRY_BYTES = 20;
export const VERSION_BYTES = 24;

const TWO_32 = 4_294_967_296;

export function readU16(bytes: Bytes, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readU32(bytes: Bytes, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

/** A u64 that is a safe integer. Larger ones come out unsafe: whoever reads foreign bytes checks. */
export function readU64(bytes: Bytes, at: number): number {
  return readU32(bytes, at) * TWO_32 + readU32(bytes, at + 4);
}

export function writeU16(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function writeU64(bytes: Bytes, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  writeU32(bytes, at, high);
  writeU32(bytes, at + 4, value - high * TWO_32);
}

export function contextCount(record: Bytes): number {
  return readU16(record, 2);
}

export function versionCount(record: Bytes): number {
  return readU16(record, 4);
}

export function recordLength(record: Bytes): number {
  return readU32(record, 8);
}

export function headLength(record: Bytes): number {
  return FIXED_BYTES + contextCount(record) * ENTRY_BYTES + versionCount(record) * VERSION_BYTES;
}

/** The bytes of the context table: entries of 20 bytes in order of (member, start). */
export function contextTable(record: Bytes): Bytes {
  return record.subarray(FIXED_BYTES, FIXED_BYTES + contextCount(record) * ENTRY_BYTES);
}

/** Where version `index` is described. */
export function versionAt(record: Bytes, index: number): number {
  return FIXED_BYTES + contextCount(record) * ENTRY_BYTES + index * VERSION_BYTES;
}

export function versionRun(record: Bytes, at: number): number {
  return readU16(record, at);
}

export function versionIsTombstone(record: Bytes, at: number): boolean {
  return record[at + 2] === 1;
}

export function versionClock(record: Bytes, at: number): number {
  return readU64(record, at + 4);
}

export function versionExpiryMs(record: Bytes, at: number): number {
  return readU64(record, at + 12);
}

export function versionValueLength(record: Bytes, at: number): number {
  return readU32(record, at + 20);
}

export function writeEntry(bytes: Bytes, at: number, member: number, start: number, clock: number): void {
  writeU32(bytes, at, member);
  writeU64(bytes, at + 4, start);
  writeU64(bytes, at + 12, clock);
}

export function writeVersion(
  bytes: Bytes,
  at: number,
  run: number,
  tombstone: boolean,
  clock: number,
  expiryMs: number,
  valueLength: number,
): void {
  writeU16(bytes, at, run);
  bytes[at + 2] = tombstone ? 1 : 0;
  bytes[at + 3] = 0;
  writeU64(bytes, at + 4, clock);
  writeU64(bytes, at + 12, expiryMs);
  writeU32(bytes, at + 20, valueLength);
}

/** Writes the fixed part except the CRC, which comes last, with `sealRecord`. */
export function writeFixed(bytes: Bytes, entries: number, versions: number): void {
  bytes[0] = RECORD_FORMAT;
  bytes[1] = 0;
  writeU16(bytes, 2, entries);
  writeU16(bytes, 4, versions);
  writeU16(bytes, 6, 0);
  writeU32(bytes, 8, bytes.length);
}

function recordCrc(record: Bytes): number {
  return crc32c(record, FIXED_BYTES, record.length, crc32c(record, 0, 12));
}

export function sealRecord(record: Bytes): void {
  writeU32(record, 12, recordCrc(record));
}

/** Whether the CRC of a whole record is right. Its length must have been checked. */
export function crcHolds(record: Bytes): boolean {
  return readU32(record, 12) === recordCrc(record);
}
