/**
 * What is on disk of a slot's sums:
 *
 * ```
 * format u8 (2; 1 was numbered by the clock), state u8 (0: changed since its sums were written; 1: exact), sequence u64,
 * if exact: records u32, their bytes u64, the sums (u32 each), CRC-32C of all before u32
 * ```
 *
 * Of two rows of a slot the one with the higher sequence is the later one. A power cut may leave the engine with more
 * than the journal has: then what is replayed is older than what is there.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import type { Sum } from "../merkle/leaf-sums.ts";

const FORMAT = 2;
const CHANGED = 0;
const EXACT = 1;
const CRC_BYTES = 4;

/** All that is known of a slot. */
export interface SlotTotals {
  readonly records: number;
  readonly bytes: number;
  /** By rank, leaf and lane. */
  readonly sums: Sum;
}

const TOTALS_BYTES = 12;

/** Goes before the first change of a slot whose sums are on disk. */
export function changedRow(sequence: number): Bytes {
  const writer = new ByteWriter(14);
  begin(writer, CHANGED, sequence);
  return sealed(writer);
}

export function exactRow(sequence: number, { records, bytes, sums }: SlotTotals): Bytes {
  const writer = new ByteWriter(14 + TOTALS_BYTES + 4 * sums.length);
  begin(writer, EXACT, sequence);
  writer.u32(records);
  writer.u64(bytes);
  for (const number of sums) writer.u32(number >>> 0);
  return sealed(writer);
}

/** Null: changed since, damaged, or of another size. */
export function totalsOfRow(row: Bytes, count: number): SlotTotals | null {
  if (sequenceOfRow(row) === null) return null;
  const reader = new ByteReader(row, 1, row.length - CRC_BYTES);
  const isExact = reader.u8() === EXACT;
  reader.u64();
  if (!isExact || reader.left !== TOTALS_BYTES + 4 * count) return null;
  const [records, bytes] = [reader.u32(), reader.u64()];
  const sums = new Int32Array(count);
  for (let i = 0; i < count; i++) sums[i] = reader.u32();
  return { records, bytes, sums };
}

/** The later of two rows of one slot. Where one is damaged nobody knows, and the slot counts as changed. */
export function laterRow(one: Bytes, other: Bytes): Bytes {
  const sequences = [sequenceOfRow(one), sequenceOfRow(other)];
  const [a = null, b = null] = sequences;
  if (a === null || b === null) return changedRow(Math.max(a ?? 0, b ?? 0));
  return a > b ? one : other;
}

/** Null: damaged, or of no form we write. */
export function sequenceOfRow(row: Bytes): number | null {
  const reader = new ByteReader(row);
  if (row.length < CRC_BYTES || reader.u8() !== FORMAT) return null;
  reader.u8();
  const sequence = reader.u64();
  const end = row.length - CRC_BYTES;
  const sum = new ByteReader(row, end, row.length).u32();
  return !reader.failed && sum === crc32c(row, 0, end) ? sequence : null;
}

function begin(writer: ByteWriter, state: number, sequence: number): void {
  writer.u8(FORMAT);
  writer.u8(state);
  writer.u64(sequence);
}

function sealed(writer: ByteWriter): Bytes {
  writer.u32(crc32c(writer.view(), 0, writer.length));
  return writer.copy();
}
