import { Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import { Zipf } from "./zipf.ts";

function counts(keys: number, skew: number): number[] {
  const random = new Prng(7);
  const zipf = new Zipf(keys, skew);
  const seen = new Array<number>(keys).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const rank = zipf.draw(random);
    seen[rank - 1] = (seen[rank - 1] ?? 0) + 1;
  }
  return seen;
}

test("low ranks come more often, as the exponent says, and none outside", () => {
  const [first = 0, second = 0, , , , , , , , tenth = 0] = counts(10, 1);
  expect(first / second).toBeGreaterThan(1.7);
  expect(first / second).toBeLessThan(2.3);
  expect(first / tenth).toBeGreaterThan(8);
  expect(counts(10, 1).reduce((sum, count) => sum + count, 0)).toBe(10_000);
});

test("without an exponent all come alike", () => {
  for (const count of counts(5, 0)) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  expect(counts(1, 1.5)).toEqual([10_000]);
});
