import { describe, expect, test } from "vitest";
import { digest16, hash32 } from "./hash.ts";

/**
 * The verification of SMHasher: hash the texts [], [0], [0,1] … with seeds 256, 255 …, then hash all results with
 * seed 0. The first four bytes of that are published for each function.
 */
function verification(size: number, hash: (bytes: Uint8Array, seed: number) => Uint8Array): number {
  const all = new Uint8Array(256 * size);
  const text = new Uint8Array(256).map((_, i) => i);
  for (let i = 0; i < 256; i++) all.set(hash(text.subarray(0, i), 256 - i), i * size);
  return new DataView(hash(all, 0).buffer).getUint32(0, true);
}

function littleEndian(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

describe("hash32", () => {
  test("is MurmurHash3_x86_32", () => {
    expect(verification(4, (b, seed) => littleEndian(hash32(b, 0, b.length, seed)))).toBe(0xb0f57ee3);
  });

  test("looks only at its range", () => {
    const bytes = new Uint8Array([9, 1, 2, 3, 4, 5, 9]);
    expect(hash32(bytes, 1, 6, 7)).toBe(hash32(new Uint8Array([1, 2, 3, 4, 5]), 0, 5, 7));
  });
});

test("digest16 is MurmurHash3_x86_128", () => {
  expect(verification(16, digest16)).toBe(0xb3ece62a);
});
