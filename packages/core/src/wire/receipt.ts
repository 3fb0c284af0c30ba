/** A receipt and lists of numbers, as they stand in messages. */
import type { ByteReader } from "../base/byte-reader.ts";
import type { RemoteReceipt } from "./messages.ts";

/** As `putReceipt` writes it. */
export function readReceipt(reader: ByteReader): RemoteReceipt {
  const dot = { member: reader.u32(), start: reader.u64(), clock: reader.u64() };
  const w = reader.u8();
  const fsynced = reader.u8();
  const homes = readNumbers(reader, reader.u8(), 4);
  const fallbacks = readNumbers(reader, reader.u8(), 4);
  const token = reader.bytes(reader.u32());
  return { dot, w, fsynced, homes, fallbacks, token };
}

/** A list whose count may lie: nothing is made for what is not there. */
export function readNumbers(reader: ByteReader, count: number, width: 2 | 4): number[] {
  const numbers: number[] = [];
  if (reader.left < count * width) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) numbers.push(width === 2 ? reader.u16() : reader.u32());
  return numbers;
}
