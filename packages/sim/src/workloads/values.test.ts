import { expect, test } from "vitest";
import { valueOf, writerOf } from "./values.ts";

test("a value names the write it comes from, and no other bytes do", () => {
  for (const length of [4, 5, 24, 1000]) {
    const value = valueOf(70_000, length);
    expect(value).toHaveLength(length);
    expect(writerOf(value)).toBe(70_000);
    for (let at = 4; at < length; at++) {
      const wrong = Uint8Array.from(value);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      expect(writerOf(wrong)).toBe(0);
    }
  }
  expect(writerOf(new Uint8Array(3))).toBe(0);
});
