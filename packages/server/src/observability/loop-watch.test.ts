import { expect, onTestFinished, test } from "vitest";
import type { EventFields } from "@kvorum/core";
import { LoopWatch } from "./loop-watch.ts";

test("delays are counted, and stalls are told once a second", () => {
  const told: [string, EventFields][] = [];
  let nowMs = 0;
  const watch = new LoopWatch(
    { event: (_level, name, _text, fields) => void told.push([name, fields]), fatal: () => undefined },
    () => nowMs,
  );
  onTestFinished(() => watch.stop());
  const after = (ms: number): void => {
    nowMs += ms;
    watch.look();
  };
  after(20);
  after(19);
  after(20 + 299);
  expect([watch.stalls, watch.delays.count, told]).toEqual([0, 3, []]);
  after(20 + 300);
  after(20 + 400);
  after(20 + 1_000);
  expect(watch.stalls).toBe(3);
  expect(told).toEqual([
    ["loop-stalled", { lateMs: 300, others: 0 }],
    ["loop-stalled", { lateMs: 1_000, others: 1 }],
  ]);
  expect(watch.delays).toMatchObject({ count: 6, sumSeconds: 1.999 });
});

test("a loop that is blocked is seen by the timer itself", async () => {
  const told: string[] = [];
  const watch = new LoopWatch({
    event: (_level, name) => void told.push(name),
    fatal: () => undefined,
  });
  onTestFinished(() => watch.stop());
  await new Promise((resolve) => setTimeout(resolve, 50));
  const fromMs = performance.now();
  while (performance.now() - fromMs < 400);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(watch.stalls).toBeGreaterThanOrEqual(1);
  expect(told).toContain("loop-stalled");
});
