/** Many seeds: what failed, what happened, what should have happened sometimes and did not, and how fast it went. */
import * as core from "@kvorum/core";
import { SOMETIMES } from "../coverage.ts";
import { firstDivergence } from "../divergence.ts";
import { type SeedReport, runSeed } from "../run-seed.ts";
import { print, printCounts, printViolations } from "./print.ts";

/** Every so many seeds one is run again: it must be the same run. */
const REPEAT_EVERY = 20;
/** In so many seeds everything that should happen sometimes has happened. */
const SEEDS_FOR_COVERAGE = 1_000;

export class Totals {
  seeds = 0;
  failed = 0;
  events = 0;
  operations = 0;
  faultClasses = 0;
  readonly happened = new Map<string, number>();

  add({ events, operations, options, happened }: SeedReport): void {
    this.seeds++;
    this.events += events;
    this.operations += operations.length;
    this.faultClasses += options.faults.length;
    for (const [name, count] of happened) this.happened.set(name, (this.happened.get(name) ?? 0) + count);
  }

  /** What has never happened though it should have by now. */
  missing(): string[] {
    if (this.seeds < SEEDS_FOR_COVERAGE) return [];
    return SOMETIMES.filter((name) => (this.happened.get(name) ?? 0) === 0);
  }
}

/** True when nothing failed. */
export function runMany(from: number, count: number, untilMs: number): boolean {
  const totals = new Totals();
  const startMs = Date.now();
  for (let seed = from; seed < from + count && Date.now() < untilMs; seed++) {
    const report = runSeed(seed, { code: core });
    totals.add(report);
    const isRepeated = (seed - from) % REPEAT_EVERY === 0;
    const parting = isRepeated ? firstDivergence(report, runSeed(seed, { code: core })) : null;
    if (parting !== null) print(`seed ${seed}: two runs of it differ: ${parting}`);
    if (report.violations.length > 0) {
      printViolations(report);
      print(
        `  replay: npm run sim -- --seed ${seed} --trace; make it small: npm run sim -- --shrink ${seed}`,
      );
    }
    if (parting !== null || report.violations.length > 0) totals.failed++;
  }
  printTotals(totals, from, (Date.now() - startMs) / 1000);
  return totals.failed === 0 && totals.missing().length === 0;
}

function printTotals(totals: Totals, from: number, elapsed: number): void {
  printCounts(totals.happened, 9);
  const { seeds, events, operations, faultClasses } = totals;
  const rate = Math.round(events / Math.max(elapsed, 0.001));
  print(
    `seeds ${from} to ${from + seeds - 1}: ${seeds} seeds, ${operations} operations, ${events} events in ${elapsed.toFixed(1)} s, ${rate} events/s`,
  );
  const mean = (sum: number): string => (sum / Math.max(seeds, 1)).toFixed(1);
  print(
    `a seed: ${mean(events)} events, ${mean(operations)} operations, ${mean(faultClasses)} classes of faults`,
  );
  const missing = totals.missing();
  if (missing.length > 0) print(`never happened, and should have: ${missing.join("; ")}`);
  print(`${totals.failed} failed`);
}
