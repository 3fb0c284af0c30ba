/**
 * Which of the 16,384 slots a key is in: exactly Redis Cluster's function (Redis Cluster specification, "Key
 * distribution model" and "Hash tags"), so every client that knows Redis Cluster knows where our keys live.
 */
import type { Bytes } from "../base/bytes.ts";

export const SLOTS = 16_384;

const OPEN = 0x7b;
const CLOSE = 0x7d;

/** CRC-16/XMODEM: polynomial 0x1021, from zero, bits in order. Entry b is the sum of byte b. */
const TABLE = new Uint16Array(256).map((_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc;
});

/**
 * 0 .. 16,383. When the key has a `{`, and a `}` somewhere after the first of them, and something between the two,
 * only that something counts: keys that share a tag share a slot.
 */
export function slotOf(key: Bytes): number {
  const open = key.indexOf(OPEN);
  if (open >= 0) {
    const close = key.indexOf(CLOSE, open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) % SLOTS;
  }
  return crc16(key, 0, key.length) % SLOTS;
}

function crc16(bytes: Bytes, from: number, to: number): number {
  let crc = 0;
  for (let at = from; at < to; at++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0);
  }
  return crc;
}
