/** One seed: with its trace, made small, with a planted bug in it. */
import * as core from "@kvorum/core";
import { CANARIES } from "../canaries/list.ts";
import { loadPatchedCore } from "../canaries/patched-core.ts";
import { isRegressionName, readRegressions, writeRegression } from "../regression.ts";
import { runSeed, type RunChoices } from "../run-seed.ts";
import { shrink } from "../shrink.ts";
import type { CoreCode } from "../world/compose.ts";
import { print, printOperationsOf, printReport, printViolations, tracer } from "./print.ts";

export class UsageError extends Error {}

export interface OneOptions {
  readonly isTraced: boolean;
  readonly key: string | null;
  readonly withCheckpoints: boolean;
  readonly planted: string | null;
}

/** The core that runs: the shipped one, or with this planted bug. */
async function codeWith(planted: string | null): Promise<CoreCode> {
  if (planted === null) return core;
  const canary = CANARIES.find(({ name }) => name === planted);
  if (canary === undefined) {
    const names = CANARIES.map(({ name }) => `  ${name}`).join("\n");
    throw new UsageError(`there is no planted bug "${planted}"; these are there:\n${names}`);
  }
  return loadPatchedCore(canary.patches);
}

export async function runOne(
  seed: number,
  { isTraced, key, withCheckpoints, planted }: OneOptions,
  change: RunChoices["change"] | null = null,
): Promise<boolean> {
  const code = await codeWith(planted);
  const report = runSeed(seed, {
    code,
    ...(isTraced ? { tracer: tracer(key) } : {}),
    ...(change === null ? {} : { change }),
  });
  printReport(report);
  if (withCheckpoints) {
    for (const [index, hash] of report.checkpoints.entries()) print(`  checkpoint ${index + 1}  ${hash}`);
  }
  if (key !== null) printOperationsOf(key, report);
  printViolations(report);
  return report.violations.length === 0;
}

/** Runs a regression as a seed is run. */
export function runRegression(name: string, options: OneOptions): Promise<boolean> {
  const regression = readRegressions().find((one) => one.name === name);
  if (regression === undefined) {
    const names = readRegressions().map((one) => `  ${one.name}`);
    throw new UsageError(`there is no regression "${name}"; these are there:\n${names.join("\n")}`);
  }
  return runOne(regression.seed, options, () => regression.options);
}

/** True when there was something to make small. */
export async function shrinkOne(seed: number, planted: string | null, save: string | null): Promise<boolean> {
  if (save !== null && !isRegressionName(save))
    throw new UsageError(`a regression is named like its bug, as in "receipt-names-nobody", not "${save}"`);
  const shrunk = shrink(seed, await codeWith(planted), print);
  if (shrunk === null) {
    print(`seed ${seed} does not fail, so there is nothing to make small`);
    return false;
  }
  const { report, checker, runs } = shrunk;
  const { members, replicas, faults, workload } = report.options;
  print(
    `after ${runs} runs: ${members} members, n=${replicas}, ${workload.clients} clients, ${workload.keys} keys, ${(report.workedUs / 1_000_000).toFixed(2)} s, faults: ${faults.join(" ") || "none"}`,
  );
  printViolations({ ...report, violations: report.violations.filter((one) => one.checker === checker) });
  if (save !== null) {
    const bug = report.violations.find((one) => one.checker === checker)?.text.split("\n")[0] ?? "";
    print(`written: ${writeRegression(save, report, { bug, checker, canary: planted })}`);
    print(`replay: npm run sim -- --regression ${save} --trace`);
  }
  return true;
}
