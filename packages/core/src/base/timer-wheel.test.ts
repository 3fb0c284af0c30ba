import { expect, test } from "vitest";
import { Timer, TimerWheel } from "./timer-wheel.ts";

class Noted extends Timer {
  readonly name: string;
  readonly log: string[];

  constructor(name: string, log: string[]) {
    super();
    this.name = name;
    this.log = log;
  }

  override onTimer(nowMs: number): void {
    this.log.push(`${this.name} at ${nowMs}`);
  }
}

test("a timer fires once, when it is due and not before", () => {
  const log: string[] = [];
  const wheel = new TimerWheel(100);
  const timer = new Noted("a", log);
  wheel.schedule(timer, 103.5);
  wheel.advance(103.4);
  expect(log).toEqual([]);
  wheel.advance(103.5);
  wheel.advance(1_000_000);
  expect(log).toEqual(["a at 103.5"]);
  expect(timer.scheduled).toBe(false);
  expect(wheel.nextDueMs()).toBe(Infinity);
});

test("timers due at the same instant fire in the order of scheduling", () => {
  const log: string[] = [];
  const wheel = new TimerWheel(0);
  for (const name of ["a", "b", "c"]) wheel.schedule(new Noted(name, log), 50);
  wheel.advance(60);
  expect(log).toEqual(["a at 60", "b at 60", "c at 60"]);
});

test("a timer that sets itself again at once waits for the next advance", () => {
  const wheel = new TimerWheel(0);
  let count = 0;
  class Again extends Timer {
    override onTimer(nowMs: number): void {
      count++;
      wheel.schedule(this, nowMs - 5);
    }
  }
  wheel.schedule(new Again(), 1);
  wheel.advance(10);
  expect(count).toBe(1);
  expect(wheel.nextDueMs()).toBe(5);
  wheel.advance(10);
  expect(count).toBe(2);
});

test("after a pause longer than a turn of the wheel all fire in order", () => {
  const log: string[] = [];
  const wheel = new TimerWheel(0);
  const dues = [200_000, 5, 131_000, 65_541, 70_000];
  for (const due of dues) wheel.schedule(new Noted(String(due), log), due);
  wheel.advance(150_000);
  expect(log.map((line) => line.split(" ")[0])).toEqual(["5", "65541", "70000", "131000"]);
  expect(wheel.nextDueMs()).toBe(200_000);
});

test("no bucket is missed, however far time has gone on", () => {
  for (const jumpMs of [65_527, 65_528, 65_535, 65_536, 65_537, 131_072, 1_000_000]) {
    const log: string[] = [];
    const wheel = new TimerWheel(100_001);
    for (let delayMs = 0; delayMs < jumpMs; delayMs += 7)
      wheel.schedule(new Noted("a", log), 100_001 + delayMs);
    const scheduled = wheel.size;
    wheel.advance(100_001 + jumpMs);
    expect(log).toHaveLength(scheduled);
    expect(wheel.size).toBe(0);
  }
});

test("a due time that is no number is refused", () => {
  const wheel = new TimerWheel(0);
  expect(() => wheel.schedule(new Noted("a", []), NaN)).toThrow("finite due time");
  expect(() => wheel.schedule(new Noted("a", []), Infinity)).toThrow("finite due time");
});

test("a timer may not advance its own wheel", () => {
  const wheel = new TimerWheel(0);
  class Nested extends Timer {
    override onTimer(nowMs: number): void {
      wheel.advance(nowMs);
    }
  }
  wheel.schedule(new Nested(), 1);
  expect(() => wheel.advance(2)).toThrow("no timer advances the wheel");
});
