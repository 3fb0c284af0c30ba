/** With a planted bug, because nothing else fails: the copy of core with the bug in it is made of built code. */
import * as core from "@kvorum/core";
import { describe, expect, test } from "vitest";
import type { Canary } from "./canaries/canary.ts";
import { CANARIES } from "./canaries/list.ts";
import { loadPatchedCore } from "./canaries/patched-core.ts";
import { readRegressions } from "./regression.ts";
import { runSeed } from "./run-seed.ts";
import { shrink } from "./shrink.ts";

function bugNamed(named: string): Canary | undefined {
  return CANARIES.find(({ name }) => name === named);
}

function planted(name: string): ReturnType<typeof loadPatchedCore> {
  return loadPatchedCore(bugNamed(name)?.patches ?? []);
}

test("a failing seed gets small, and still fails in the same way", async () => {
  const bug = "merge keeps the newest";
  const code = await planted(bug);
  const seed = bugNamed(bug)?.seed ?? 0;
  const whole = runSeed(seed, { code });
  const told: string[] = [];
  const shrunk = shrink(seed, code, (line) => told.push(line));
  expect(shrunk).not.toBeNull();
  if (shrunk === null) return;
  const { report, checker, runs } = shrunk;
  expect(whole.violations[0]?.checker).toBe(checker);
  expect(report.violations.map((violation) => violation.checker)).toContain(checker);
  expect(report.workedUs).toBeLessThan(whole.workedUs);
  expect(report.events).toBeLessThan(whole.events);
  expect(report.options.faults.length).toBeLessThan(whole.options.faults.length);
  expect(runs).toBeLessThanOrEqual(300);
  expect(told.length).toBeGreaterThan(3);
  // What was found is a run like any other: it can be run again.
  const again = runSeed(seed, { code, change: () => report.options });
  expect(again.digest).toBe(report.digest);
});

test("a seed that does not fail stays as it is", () => {
  expect(shrink(3, core, () => undefined)).toBeNull();
});

describe("regressions come back with their bug", () => {
  const kept = readRegressions().filter(({ canary }) => canary !== null);
  test.each(kept)("$name", async ({ seed, options, canary, checker }) => {
    const { violations } = runSeed(seed, { code: await planted(canary ?? ""), change: () => options });
    expect(violations.map((violation) => violation.checker)).toContain(checker);
  });
});
