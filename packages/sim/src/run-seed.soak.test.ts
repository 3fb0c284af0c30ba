import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Totals } from "./commands/many.ts";
import { runSeed } from "./run-seed.ts";

const minutes = Number(process.env["KVORUM_SOAK_MINUTES"] ?? 60);

test(`fresh seeds break nothing for ${minutes} minutes, and everything happens that should sometimes`, () => {
  const untilMs = Date.now() + minutes * 60_000;
  const totals = new Totals();
  const failed: number[] = [];
  // Nobody tries the same thousands twice.
  let seed = Math.floor(Date.now() / 1000) * 1000;
  do {
    const report = runSeed(seed, { code: core });
    totals.add(report);
    if (report.violations.length > 0) failed.push(seed);
    seed++;
  } while (Date.now() < untilMs);
  expect(failed).toEqual([]);
  expect(totals.missing()).toEqual([]);
});
