import * as core from "@kvorum/core";
import { describe, expect, test } from "vitest";
import { readRegressions } from "./regression.ts";
import { type SeedReport, runSeed } from "./run-seed.ts";

/** What a failing seed is reported with. */
function words({ seed, violations }: SeedReport): string[] {
  return violations.slice(0, 3).map(({ checker, text }) => `seed ${seed}: ${checker}: ${text}`);
}

describe("what was broken once stays mended", () => {
  test.each(readRegressions())("$name", ({ seed, options }) => {
    expect(words(runSeed(seed, { code: core, change: () => options }))).toEqual([]);
  });
});

describe("fresh seeds break nothing", () => {
  // Nobody tries the same two hundred twice.
  const fresh = Math.floor(Date.now() / 1000) * 1000;
  for (let from = fresh; from < fresh + 200; from += 20) {
    test(`seeds ${from} to ${from + 19}`, () => {
      for (let seed = from; seed < from + 20; seed++)
        expect(words(runSeed(seed, { code: core }))).toEqual([]);
    });
  }
});

test("two runs of a seed are the same run, traced or not; two seeds are not", () => {
  for (const seed of [3, 21]) {
    const first = runSeed(seed, { code: core });
    let lines = 0;
    const second = runSeed(seed, { code: core, tracer: () => void lines++ });
    expect(second.checkpoints).toEqual(first.checkpoints);
    expect(second.digest).toBe(first.digest);
    expect(second.events).toBe(first.events);
    expect(lines).toBeGreaterThan(1000);
  }
  expect(runSeed(3, { code: core }).digest).not.toBe(runSeed(21, { code: core }).digest);
});

test("without a class of faults, the workload and the other faults are drawn as before", () => {
  const drawn = runSeed(8, { code: core });
  const calmer = runSeed(8, { code: core, change: (options) => ({ ...options, faults: [] }) });
  const beginning = ({ operations }: SeedReport) =>
    operations
      .slice(0, 5)
      .map(({ client, kind, key, homes, invokedUs }) => [client, kind, key, homes, invokedUs]);
  expect(drawn.options.faults.length).toBeGreaterThan(0);
  expect(beginning(calmer)).toEqual(beginning(drawn));
  expect(calmer.digest).not.toBe(drawn.digest);
});

test("a standard seed is long enough to mean something, and has several classes of faults", () => {
  const reports = Array.from({ length: 20 }, (_, index) => runSeed(100 + index, { code: core }));
  for (const { events, operations } of reports) {
    expect(events).toBeGreaterThanOrEqual(20_000);
    expect(operations.length).toBeGreaterThanOrEqual(300);
  }
  const classes = reports.map(({ options }) => options.faults.length).reduce((a, b) => a + b, 0);
  expect(classes / reports.length).toBeGreaterThanOrEqual(2);
});
