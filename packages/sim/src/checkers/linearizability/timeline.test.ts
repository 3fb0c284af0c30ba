import { expect, test } from "vitest";
import { NONE, type Span, Timeline } from "./timeline.ts";

function timelineOf(...spans: [number, number][]): Timeline {
  return new Timeline(spans.map(([invokedUs, endedUs]): Span => ({ invokedUs, endedUs })));
}

/** The operations that may come next. */
function calls(timeline: Timeline): number[] {
  const found: number[] = [];
  let operation = timeline.firstCall();
  for (; operation !== NONE; operation = timeline.callAfter(operation)) found.push(operation);
  return found;
}

test("nothing is called and nothing returns of nothing", () => {
  const timeline = timelineOf();
  expect(calls(timeline)).toEqual([]);
  expect(timeline.firstReturn()).toBe(NONE);
});

test("what was called before the first return may come next", () => {
  const timeline = timelineOf([0, 30], [10, 20], [15, 40], [25, 50]);
  expect(calls(timeline)).toEqual([0, 1, 2]);
  expect(timeline.firstReturn()).toBe(1);
});

test("at one instant calls stand before returns", () => {
  expect(calls(timelineOf([0, 10], [10, 20], [11, 12]))).toEqual([0, 1]);
  expect(calls(timelineOf([5, 5], [5, 5]))).toEqual([0, 1]);
});

test("lifting the first to return lets others in, and putting back keeps them out again", () => {
  const timeline = timelineOf([0, 30], [10, 20], [25, 50], [35, 40]);
  timeline.lift(1);
  expect(calls(timeline)).toEqual([0, 2]);
  timeline.lift(2);
  timeline.lift(0);
  expect([calls(timeline), timeline.firstReturn()]).toEqual([[3], 3]);
  timeline.lift(3);
  expect([calls(timeline), timeline.firstReturn()]).toEqual([[], NONE]);
  timeline.putBack(3);
  timeline.putBack(0);
  expect([calls(timeline), timeline.firstReturn()]).toEqual([[0], 0]);
  timeline.putBack(2);
  expect(calls(timeline)).toEqual([0, 2]);
  timeline.putBack(1);
  expect([calls(timeline), timeline.firstReturn()]).toEqual([[0, 1], 1]);
});
