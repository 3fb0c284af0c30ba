/**
 * What is on disk of a slot's sums:
 *
 * ```
 * format u8 (1), state u8 (0: changed since its sums were written; 1: exact), if exact: the sums (u32 each),
 * CRC-32C of all before u32
 * ```
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import type { Sum } from "../merkle/leaf-sums.ts";

const FORMAT = 1;
const CHANGED = 0;
const EXACT = 1;

/** Goes before the first change of a slot whose sums are on disk. */
export const CHANGED_ROW: Bytes = sealed([FORMAT, CHANGED], new Uint32Array(0));

export function exactRow(sums: Sum): Bytes {
  return sealed([FORMAT, EXACT], sums);
}

/** Null: changed since, damaged, or of another size. */
export function sumsOfRow(row: Bytes, count: number): Sum | null {
  const reader = new ByteReader(row);
  const isExact = reader.u8() === FORMAT && reader.u8() === EXACT;
  if (!isExact || reader.left !== 4 * count + 4) return null;
  const sums = new Uint32Array(count);
  for (let i = 0; i < count; i++) sums[i] = reader.u32();
  return reader.u32() === crc32c(row, 0, row.length - 4) ? sums : null;
}

function sealed(begin: readonly number[], sums: Sum): Bytes {
  const writer = new ByteWriter(begin.length + 4 * sums.length + 4);
  for (const byte of begin) writer.u8(byte);
  for (const number of sums) writer.u32(number);
  writer.u32(crc32c(writer.view(), 0, writer.length));
  return writer.copy();
}
