import { Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import { Scheduler } from "./scheduler.ts";

function recorder() {
  const seen: [number, number][] = [];
  const scheduler = new Scheduler(new Prng(1));
  const target = { onDue: (tag: number) => void seen.push([scheduler.nowUs, tag]) };
  return { scheduler, target, seen };
}

test("things happen in the order of their times, whatever the order they were asked in", () => {
  const { scheduler, target, seen } = recorder();
  const random = new Prng(2);
  const times = Array.from({ length: 5000 }, () => random.below(1_000_000));
  times.forEach((atUs, tag) => scheduler.at(atUs, target, tag));
  scheduler.run(2_000_000, null);
  expect(seen).toHaveLength(times.length);
  expect(seen.map(([atUs]) => atUs)).toEqual(times.toSorted((a, b) => a - b));
  for (const [atUs, tag] of seen) expect(times[tag]).toBe(atUs);
  expect(scheduler.nowUs).toBe(2_000_000);
});

test("things of one instant happen in an order that the stream draws", () => {
  const orders = [1, 2, 3].map((seed) => {
    const seen: number[] = [];
    const scheduler = new Scheduler(new Prng(seed));
    for (let tag = 0; tag < 20; tag++) scheduler.at(5, { onDue: (due) => void seen.push(due) }, tag);
    scheduler.run(5, null);
    return seen.join();
  });
  expect(new Set(orders).size).toBe(3);
});

test("what is asked for in the past happens now, and what happens may ask for more", () => {
  const seen: number[] = [];
  const scheduler = new Scheduler(new Prng(1));
  const target = {
    onDue(tag: number): void {
      seen.push(scheduler.nowUs);
      if (tag > 0) scheduler.at(0, target, tag - 1);
    },
  };
  scheduler.at(10, target, 3);
  scheduler.run(10, null);
  expect(seen).toEqual([10, 10, 10, 10]);
});

test("a run ends at its time or when its condition is met, and ticks are not counted", () => {
  const { scheduler, target, seen } = recorder();
  const ticker = { onDue: () => scheduler.countTick() };
  for (let i = 1; i <= 10; i++) scheduler.at(i * 10, target, i);
  scheduler.at(5, ticker, 0);
  scheduler.run(30, null);
  expect(seen).toHaveLength(3);
  scheduler.run(1000, { isMet: () => seen.length === 5 });
  expect(scheduler.nowUs).toBe(50);
  expect(scheduler.events).toBe(5);
});
