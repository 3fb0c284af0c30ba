import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Totals } from "./commands/many.ts";
import { SOMETIMES } from "./coverage.ts";
import { runSeed } from "./run-seed.ts";

test("what should happen sometimes and has not is named after a thousand seeds, not before", () => {
  const totals = new Totals();
  const report = runSeed(4, { code: core, change: (options) => ({ ...options, faults: [] }) });
  for (let seed = 0; seed < 999; seed++) totals.add(report);
  expect(totals.missing()).toEqual([]);
  totals.add(report);
  expect(totals.missing()).toContain("fault power-cut");
  expect(totals.missing()).not.toContain("counter forwarded");
  for (const name of SOMETIMES) totals.happened.set(name, 1);
  expect(totals.missing()).toEqual([]);
});

test("sixty seeds meet nearly everything that should happen sometimes", () => {
  const totals = new Totals();
  for (let seed = 1; seed <= 60; seed++) totals.add(runSeed(seed, { code: core }));
  const unmet = SOMETIMES.filter((name) => !totals.happened.has(name));
  expect(unmet.length).toBeLessThan(SOMETIMES.length / 5);
}, 180_000);
