import { expect, it } from "vitest";
import { median, spread } from "./statistics.ts";

it("the median is the one in the middle, or between the two", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 9, 1, 2])).toBe(5.5);
  expect(median([3])).toBe(3);
  expect(() => median([])).toThrow(RangeError);
});

it("the spread is the range by the median", () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.3);
  expect(spread([7])).toBe(0);
  expect(spread([0, 0])).toBe(0);
});
