import { expect, test } from "vitest";
import { BUCKET_SECONDS, FixedHistogram } from "./fixed-histogram.ts";

function bucketOf(tookMs: number): number {
  const histogram = new FixedHistogram(1);
  histogram.add(0, tookMs);
  const { cumulative, count } = histogram.read(0);
  expect(count).toBe(1);
  const found = cumulative.indexOf(1);
  return found < 0 ? cumulative.length : found;
}

test("a duration at a bound counts below it, and one just above in the next", () => {
  for (const [index, seconds] of BUCKET_SECONDS.entries()) {
    expect([seconds, bucketOf(seconds * 1000)]).toEqual([seconds, index]);
    expect([seconds, bucketOf(seconds * 1000 + 0.001)]).toEqual([seconds, index + 1]);
    expect([seconds, bucketOf(seconds * 1000 - 0.001)]).toEqual([seconds, index]);
  }
});

test("every duration is where a plain search puts it", () => {
  for (let ms = 0.0001; ms < 1e7; ms *= 1.013) {
    const slow = BUCKET_SECONDS.findIndex((bound) => ms <= bound * 1000);
    expect([ms, bucketOf(ms)]).toEqual([ms, slow < 0 ? BUCKET_SECONDS.length : slow]);
  }
});

test("nothing, less than nothing and far too long have a place, and sums stay exact", () => {
  expect([bucketOf(0), bucketOf(-3), bucketOf(1e12)]).toEqual([0, 0, BUCKET_SECONDS.length]);
  const histogram = new FixedHistogram(3);
  for (const ms of [0.05, 0.3, 0.3, 7, 90_000, -1]) histogram.add(1, ms);
  expect(histogram.read(0).count).toBe(0);
  expect(histogram.read(2).count).toBe(0);
  const { cumulative, count, sumSeconds } = histogram.read(1);
  expect([cumulative[0], cumulative[2], cumulative[6], cumulative.at(-1), count]).toEqual([2, 4, 5, 5, 6]);
  expect(sumSeconds).toBeCloseTo(90.007_65, 9);
});
