/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of everything kvorum stores or sends.
 * Eight bytes at a time from eight tables ("slicing-by-8": Kounavis and Berry, Intel, 2005). In plain JavaScript
 * because a call into native code costs more than the sum of a whole small record.
 */
import type { Bytes } from "./bytes.ts";

const POLYNOMIAL = 0x82f63b78;
const TABLES = 8;

/** Table k at `k * 256`: entry b is the CRC of byte b followed by k zero bytes. */
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(TABLES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] ?? 0;
    table[at] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

/**
 * The CRC-32C of `bytes[from .. to)`, unsigned. With `seed`, the sum of a text whose beginning has the sum `seed`
 * and which goes on with these bytes: `crc32c(b, 0, n) === crc32c(b, k, n, crc32c(b, 0, k))`.
 */
export function crc32c(bytes: Bytes, from: number, to: number, seed = 0): number {
  let crc = ~seed;
  let at = from;
  for (const last = to - 8; at <= last; at += 8) {
    const low =
      crc ^
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24));
    crc =
      (TABLE[1792 + (low & 0xff)] ?? 0) ^
      (TABLE[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (TABLE[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (TABLE[1024 + (low >>> 24)] ?? 0) ^
      (TABLE[768 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (TABLE[512 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (TABLE[256 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (TABLE[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
