/** XXH3 against the reference implementation: bytes `(7 i + n) mod 256`, of every way through the algorithm. */
import { expect, it } from "vitest";
import { xxh3Hex } from "./xxh3.ts";

it.each([
  [0, "2d06800538d394c2"],
  [1, "e12ef9d2eb86ceeb"],
  [2, "33b0814d4f061d86"],
  [3, "a9088dda485b481c"],
  [4, "57648c318a7a307e"],
  [7, "4f82be6987f5eea7"],
  [8, "b0fb3e3c3f94990a"],
  [9, "8aca5cb309437c2e"],
  [15, "c14e5d6729b9e68c"],
  [16, "2bd926d88792965a"],
  [17, "621f018aad19b14a"],
  [64, "1b1bf114c7371f1b"],
  [128, "e9549af9a74093e6"],
  [129, "b54ad1cd8a4c84b9"],
  [200, "660156a92b43203f"],
  [240, "3e136902ec966624"],
  [241, "bd7d29b6ba966d6a"],
  [511, "848dce5b32751fff"],
  [512, "f6fe51471f2fa1ec"],
  [1024, "dc5acf0b043c445b"],
  [1025, "c856c953bbdbc807"],
  [5000, "308f149a673a1625"],
])("%i bytes", (length, digest) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (7 * i + length) & 0xff);
  expect(xxh3Hex(bytes)).toBe(digest);
  // Wherever they lie.
  expect(xxh3Hex(new Uint8Array([1, 2, 3, ...bytes]).subarray(3))).toBe(digest);
});
