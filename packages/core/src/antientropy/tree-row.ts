/**
 * What is on disk of a slot's sums:
 *
 * ```
 * format u8 (2), state u8 (0: changed since its sums were written; 1: exact), if exact: records u32, their bytes u64,
 * the sums (u32 each); CRC-32C of all before u32
 * ```
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import type { SlotTotals } from "./slot-trees.ts";

const FORMAT = 2;
const CHANGED = 0;
const EXACT = 1;
/** Of an exact row, without its sums. */
const FIXED_BYTES = 18;

/** Goes before the first change of a slot whose sums are on disk. */
export const CHANGED_ROW: Bytes = changedRow();

export function exactRow({ records, bytes, sums }: SlotTotals): Bytes {
  const writer = new ByteWriter(FIXED_BYTES + 4 * sums.length);
  writer.u8(FORMAT);
  writer.u8(EXACT);
  writer.u32(records);
  writer.u64(bytes);
  for (const number of sums) writer.u32(number);
  return sealed(writer);
}

/** Null: changed since, damaged, or of another size. */
export function totalsOfRow(row: Bytes, count: number): SlotTotals | null {
  const reader = new ByteReader(row);
  const isExact = reader.u8() === FORMAT && reader.u8() === EXACT;
  if (!isExact || row.length !== FIXED_BYTES + 4 * count) return null;
  const records = reader.u32();
  const bytes = reader.u64();
  const sums = new Uint32Array(count);
  for (let i = 0; i < count; i++) sums[i] = reader.u32();
  return reader.u32() === crc32c(row, 0, row.length - 4) ? { records, bytes, sums } : null;
}

function changedRow(): Bytes {
  const writer = new ByteWriter(6);
  writer.u8(FORMAT);
  writer.u8(CHANGED);
  return sealed(writer);
}

function sealed(writer: ByteWriter): Bytes {
  writer.u32(crc32c(writer.view(), 0, writer.length));
  return writer.copy();
}
