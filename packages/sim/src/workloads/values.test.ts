import { expect, test } from "vitest";
import { readValue, valueOf } from "./values.ts";

test("a value names the write it comes from and the elements it holds, and no other bytes do", () => {
  for (const elements of [[], [7], [70_000, 3, 0xffff_ffff]]) {
    for (const length of [0, 24, 1000]) {
      const value = valueOf(70_000, length, elements);
      expect(value.length).toBe(Math.max(length, 10 + 4 * elements.length));
      expect(readValue(value)).toEqual({ writer: 70_000, elements });
      for (let at = 0; at < value.length; at++) {
        const wrong = Uint8Array.from(value);
        wrong[at] = (wrong[at] ?? 0) ^ 1;
        expect(readValue(wrong).writer).toBe(0);
      }
      expect(readValue(value.subarray(0, value.length - 1)).writer).toBe(0);
    }
  }
  expect(readValue(new Uint8Array(3)).writer).toBe(0);
});
