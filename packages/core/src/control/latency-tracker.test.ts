import { expect, test } from "vitest";
import { LatencyTracker } from "./latency-tracker.ts";

test("is the duration that one in a hundred exceeds, at most a quarter too high", () => {
  const tracker = new LatencyTracker(0);
  for (let i = 1; i <= 100; i++) tracker.add(i / 10, 0);
  expect(tracker.p99Ms(0)).toBeGreaterThanOrEqual(9.8);
  expect(tracker.p99Ms(0)).toBeLessThan(9.9 * 1.26);
  const slower = new LatencyTracker(0);
  for (let i = 0; i < 190; i++) slower.add(i < 186 ? 1 : 50, 0);
  expect(slower.p99Ms(0)).toBeGreaterThanOrEqual(50);
});

test("holds any duration, from nothing to more than an hour", () => {
  for (const ms of [0, 0.0001, 1e7, Infinity]) {
    const tracker = new LatencyTracker(0);
    for (let i = 0; i < 3; i++) tracker.add(ms, 0);
    expect(tracker.p99Ms(0)).toBeGreaterThan(0);
    expect(tracker.p99Ms(0)).toBeLessThanOrEqual(2 ** 32);
  }
});

test("one slow request alone says nothing, two do", () => {
  const tracker = new LatencyTracker(0);
  expect(tracker.p99Ms(0)).toBe(0);
  for (const ms of [1, 1, 900]) tracker.add(ms, 0);
  expect(tracker.p99Ms(0)).toBeLessThan(2);
  tracker.add(900, 0);
  expect(tracker.p99Ms(0)).toBeGreaterThan(800);
});

test("forgets what is long ago, and what is more than two windows of requests ago", () => {
  const tracker = new LatencyTracker(0);
  for (let i = 0; i < 10; i++) tracker.add(900, 0);
  expect(tracker.p99Ms(1_999)).toBeGreaterThan(800);
  expect(tracker.p99Ms(2_000)).toBeGreaterThan(800);
  expect(tracker.p99Ms(4_000)).toBe(0);
  for (let i = 0; i < 10; i++) tracker.add(900, 4_000);
  for (let i = 0; i < 400; i++) tracker.add(1, 4_000);
  expect(tracker.p99Ms(4_000)).toBeLessThan(2);
  tracker.forget(4_000);
  expect(tracker.p99Ms(4_000)).toBe(0);
});
