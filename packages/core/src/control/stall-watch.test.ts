import { expect, it } from "vitest";
import { StallWatch } from "./stall-watch.ts";

it("sees no stall in the ordinary life of an event loop", () => {
  const watch = new StallWatch(0);
  for (let nowMs = 0; nowMs < 5_000; nowMs += 200) {
    watch.beat(nowMs);
    expect(watch.lateMs(nowMs)).toBe(0);
  }
});

it("counts what comes in after a stall as late by the stall, until it must have drained", () => {
  const watch = new StallWatch(0);
  watch.beat(100);
  watch.beat(2_100);
  expect(watch.lateMs(2_100)).toBe(2_000);
  watch.beat(2_300);
  expect(watch.lateMs(3_099)).toBe(2_000);
  expect(watch.lateMs(3_100)).toBe(0);
});

it("adds up stalls that follow upon each other", () => {
  const watch = new StallWatch(0);
  watch.beat(1_000);
  watch.beat(1_500);
  expect(watch.lateMs(1_500)).toBe(1_500);
});
