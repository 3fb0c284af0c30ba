import { expect, test } from "vitest";
import { ClockWatch } from "./clock-watch.ts";

const DRIFT_MS = 10_000;

function watch(peers: number, offsets: readonly number[]): ClockWatch {
  const clocks = new ClockWatch(peers, DRIFT_MS);
  for (const [i, offsetMs] of offsets.entries()) clocks.note(i + 2, offsetMs, 0);
  return clocks;
}

test.each([
  [0, [], false],
  [1, [-10_001], true],
  [2, [-10_001], false],
  [2, [-10_001, -10_000], false],
  [2, [-10_001, -10_001], true],
  [3, [-10_001, -99_999], true],
  [4, [-10_001, -99_999], false],
  [4, [-10_001, -99_999, 10_001, -10_001], true],
  [2, [10_001, 10_001], false],
])("of %i peers with offsets %o: ahead is %s", (peers, offsets, ahead) => {
  expect(watch(peers, offsets).ahead(0)).toBe(ahead);
});

test("what was seen long ago counts no more, and the last sighting counts alone", () => {
  const clocks = watch(1, [-20_000]);
  expect(clocks.ahead(60_000)).toBe(true);
  expect(clocks.ahead(60_001)).toBe(false);
  clocks.note(2, 5, 60_002);
  expect(clocks.ahead(60_003)).toBe(false);
  expect(clocks.offsetMs(2)).toBe(5);
  expect(clocks.offsetMs(3)).toBe(0);
});
