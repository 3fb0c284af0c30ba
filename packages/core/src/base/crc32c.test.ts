import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

function sum(bytes: Uint8Array): number {
  return crc32c(bytes, 0, bytes.length);
}

/** RFC 3720 (iSCSI), appendix B.4, and the customary check value. */
const VECTORS: readonly [string, Uint8Array, number][] = [
  ["nothing", new Uint8Array(0), 0],
  ["123456789", new Uint8Array([49, 50, 51, 52, 53, 54, 55, 56, 57]), 0xe3069283],
  ["32 bytes of 00", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ff", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes going up", new Uint8Array(32).map((_, i) => i), 0x46dd794e],
  ["32 bytes going down", new Uint8Array(32).map((_, i) => 31 - i), 0x113fdb5c],
];

test.each(VECTORS)("the sum of %s is as published", (_, bytes, expected) => {
  expect(sum(bytes)).toBe(expected);
});

test("any single flipped bit is noticed", () => {
  const bytes = new Uint8Array(41).map((_, i) => i * 7);
  const good = sum(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(sum(flipped)).not.toBe(good);
  }
});
