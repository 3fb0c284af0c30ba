import { expect, test } from "vitest";
import { TurnClock } from "./turn-clock.ts";

test("one reading serves a turn, until something new begins or the turn ends", () => {
  let readings = 0;
  const clock = new TurnClock(() => ++readings);
  expect([clock.nowMs(), clock.nowMs(), clock.nowMs()]).toEqual([1, 1, 1]);
  clock.refresh();
  expect([clock.nowMs(), clock.nowMs()]).toEqual([2, 2]);
  clock.forget();
  expect(readings).toBe(2);
  expect([clock.nowMs(), clock.nowMs()]).toEqual([3, 3]);
});
