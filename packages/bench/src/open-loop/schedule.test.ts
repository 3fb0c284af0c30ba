import { expect, it } from "vitest";
import { Schedule } from "./schedule.ts";

function takeAll(schedule: Schedule, nowMs: number): number[] {
  const taken: number[] = [];
  for (let dueMs = schedule.take(nowMs); dueMs !== null; dueMs = schedule.take(nowMs)) taken.push(dueMs);
  return taken;
}

it("requests are due at equal distances from the start", () => {
  const schedule = new Schedule(1000, 500, 1);
  expect(takeAll(schedule, 999)).toEqual([]);
  expect(takeAll(schedule, 1005)).toEqual([1000, 1002, 1004]);
  expect(takeAll(schedule, 1006)).toEqual([1006]);
});

it("a driver that was late gets all that it missed, with the times at which they were due", () => {
  const schedule = new Schedule(0, 1000, 2);
  const taken = takeAll(schedule, 1500);
  expect(taken).toHaveLength(1501);
  expect(taken.at(-1)).toBe(1500);
});

it("ends when it is told to", () => {
  const schedule = new Schedule(0, 1000, 10);
  expect(takeAll(schedule, 3)).toHaveLength(4);
  schedule.end();
  expect(schedule.isOver).toBe(true);
  expect(schedule.take(5000)).toBeNull();
});

it("ends after rate × seconds requests", () => {
  const schedule = new Schedule(0, 250, 2);
  expect(schedule.isOver).toBe(false);
  expect(takeAll(schedule, 1e9)).toHaveLength(500);
  expect(schedule.isOver).toBe(true);
  expect(schedule.take(1e9)).toBeNull();
});
