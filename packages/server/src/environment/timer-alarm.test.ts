import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimerAlarm } from "./timer-alarm.ts";

let nowMs = 0;
let rings: number[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  nowMs = 1000.5;
  rings = [];
});
afterEach(() => vi.useRealTimers());

const clock = { wallMs: () => 0, monoMs: () => nowMs };

function make(): TimerAlarm {
  return new TimerAlarm(clock, () => rings.push(nowMs));
}

/** Lets time pass, for the timers and for the clock alike. */
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed++) {
    nowMs++;
    vi.advanceTimersByTime(1);
  }
}

test("it rings once, at or after the instant", () => {
  const alarm = make();
  alarm.wakeAt(1010.25);
  pass(9);
  expect(rings).toEqual([]);
  pass(100);
  expect(rings).toEqual([1010.5]);
});

test("a later call replaces an earlier one, in both directions", () => {
  const alarm = make();
  alarm.wakeAt(1100);
  alarm.wakeAt(1010);
  pass(20);
  expect(rings).toEqual([1010.5]);
  alarm.wakeAt(1030);
  alarm.wakeAt(1060);
  pass(35);
  expect(rings).toHaveLength(1);
  pass(100);
  expect(rings).toEqual([1010.5, 1060.5]);
});

test("an instant that has passed rings soon, and never inside the call", () => {
  const alarm = make();
  alarm.wakeAt(5);
  expect(rings).toEqual([]);
  pass(2);
  expect(rings).toHaveLength(1);
});

test("whoever is woken may ask to be woken again", () => {
  let left = 3;
  const alarm: TimerAlarm = new TimerAlarm(clock, () => {
    rings.push(nowMs);
    if (--left > 0) alarm.wakeAt(nowMs + 10);
  });
  alarm.wakeAt(nowMs + 10);
  pass(100);
  expect(rings).toEqual([1010.5, 1020.5, 1030.5]);
});

test("an instant beyond what a timer of Node can wait for does not ring at once", () => {
  const alarm = make();
  alarm.wakeAt(nowMs + 2 ** 32);
  pass(100);
  expect(rings).toEqual([]);
});

test("stopped, it rings no more, whatever it is asked", () => {
  const alarm = make();
  alarm.wakeAt(1010);
  alarm.stop();
  pass(100);
  alarm.wakeAt(1200);
  pass(200);
  expect(rings).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
