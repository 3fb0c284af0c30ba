import { expect, test } from "vitest";
import { transientBytes, transientCopy } from "./transient-bytes.ts";

test.each([0, 1, 64, 65, 4_096, 4_097, 100_000])("%i bytes are zero, and nobody else's", (length) => {
  const pieces = Array.from({ length: 40 }, () => transientBytes(length));
  for (const [i, piece] of pieces.entries()) {
    expect(piece.every((byte) => byte === 0)).toBe(true);
    expect(piece).toHaveLength(length);
    piece.fill(i + 1);
  }
  for (const [i, piece] of pieces.entries()) expect(piece.every((byte) => byte === i + 1)).toBe(true);
});

test("a copy is its own", () => {
  const given = new Uint8Array(300).fill(7);
  const copy = transientCopy(given.subarray(100));
  given.fill(0);
  expect(copy).toEqual(new Uint8Array(200).fill(7));
});
