import * as core from "@kvorum/core";
import { describe, expect, test } from "vitest";
import { type SeedReport, runSeed } from "./run-seed.ts";

/** What a failing seed is reported with. */
function words({ seed, violations }: SeedReport): string[] {
  return violations.slice(0, 3).map(({ checker, text }) => `seed ${seed}: ${checker}: ${text}`);
}

describe("fixed seeds break nothing", () => {
  for (let from = 1; from <= 50; from += 10) {
    test(`seeds ${from} to ${from + 9}`, () => {
      for (let seed = from; seed < from + 10; seed++) {
        expect(words(runSeed(seed, { code: core }))).toEqual([]);
      }
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

test("a standard seed is long enough to mean something", () => {
  const reports = [11, 12, 13, 14, 15, 16].map((seed) => runSeed(seed, { code: core }));
  const mean = (of: (report: SeedReport) => number) =>
    reports.map(of).reduce((a, b) => a + b, 0) / reports.length;
  expect(mean(({ operations }) => operations.length)).toBeGreaterThan(300);
  expect(mean(({ events }) => events)).toBeGreaterThan(5_000);
});
