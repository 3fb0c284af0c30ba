/** The command line of the simulator. */
import { parseArgs } from "node:util";
import * as core from "@kvorum/core";
import { searchCanaries } from "./canaries/search.ts";
import { firstDivergence } from "./divergence.ts";
import { type SeedReport, runSeed } from "./run-seed.ts";
import { describe, seconds } from "./workloads/history.ts";
import type { TraceLine } from "./world/event-log.ts";

const USAGE = `npm run sim -- --seeds N [--from SEED] [--minutes M]   fresh seeds, or those from SEED on
npm run sim -- --seed SEED [--trace [--key KEY]]       one seed, with everything that happens in it
npm run sim -- --seed SEED --checkpoints               one seed, with the hash of its log every 1,000 entries
npm run sim -- --canaries                              planted bugs: how soon each is caught`;

/** Every so many seeds one is run again: it must be the same run. */
const REPEAT_EVERY = 20;

class UsageError extends Error {}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return Number(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One bug often breaks a hundred promises of one seed. */
const VIOLATIONS_PRINTED = 3;

function printViolations({ seed, violations }: SeedReport): void {
  for (const { checker, text } of violations.slice(0, VIOLATIONS_PRINTED))
    print(`seed ${seed}: ${checker}: ${text}`);
  if (violations.length > VIOLATIONS_PRINTED) print(`seed ${seed}: ${violations.length} violations in all`);
  print(`  replay: npm run sim -- --seed ${seed} --trace`);
}

function printCheckpoints({ checkpoints }: SeedReport): void {
  for (const [index, hash] of checkpoints.entries()) print(`  checkpoint ${index + 1}  ${hash}`);
}

function runOne(seed: number, isTraced: boolean, key: string | null, withCheckpoints: boolean): boolean {
  const show = ({ atUs, member, kind, text }: TraceLine) => {
    const isOfOther = key !== null && (kind === "invoke" || kind === "answer") && !text.includes(` ${key} `);
    const isNoise = key !== null && (kind === "file" || kind === "engine");
    if (!isOfOther && !isNoise)
      print(
        `${seconds(atUs).padStart(12)}  ${member === 0 ? "world" : `member ${member}`}  ${kind}  ${text}`,
      );
  };
  const report = runSeed(seed, isTraced ? { code: core, tracer: show } : { code: core });
  print(
    `seed ${seed}: ${report.events} events, ${report.operations.length} operations, hash ${report.digest}`,
  );
  if (withCheckpoints) printCheckpoints(report);
  const { members, replicas, faults } = report.options;
  print(`  ${members} members, n=${replicas}, faults: ${faults.join(" ") || "none"}`);
  for (const [name, count] of sorted(report.happened)) print(`  ${String(count).padStart(7)}  ${name}`);
  if (key !== null) {
    for (const operation of report.operations) if (operation.key === key) print(`  ${describe(operation)}`);
  }
  if (report.violations.length > 0) printViolations(report);
  return report.violations.length === 0;
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

interface Totals {
  seeds: number;
  failed: number;
  events: number;
  operations: number;
  readonly happened: Map<string, number>;
}

function runMany(from: number, count: number, untilMs: number): boolean {
  const totals: Totals = { seeds: 0, failed: 0, events: 0, operations: 0, happened: new Map() };
  const startMs = Date.now();
  for (let seed = from; seed < from + count && Date.now() < untilMs; seed++) {
    const report = runSeed(seed, { code: core });
    add(totals, report);
    const isRepeated = (seed - from) % REPEAT_EVERY === 0;
    const parting = isRepeated ? firstDivergence(report, runSeed(seed, { code: core })) : null;
    if (parting !== null) {
      totals.failed++;
      print(`seed ${seed}: two runs of it differ: ${parting}`);
    }
    if (report.violations.length > 0) {
      totals.failed++;
      printViolations(report);
    }
  }
  const elapsed = (Date.now() - startMs) / 1000;
  for (const [name, many] of sorted(totals.happened)) print(`${String(many).padStart(9)}  ${name}`);
  const rate = Math.round(totals.events / Math.max(elapsed, 0.001));
  print(
    `seeds ${from} to ${from + totals.seeds - 1}: ${totals.seeds} seeds, ${totals.operations} operations, ${totals.events} events in ${elapsed.toFixed(1)} s, ${rate} events/s`,
  );
  print(`${totals.failed} failed`);
  return totals.failed === 0;
}

function add(totals: Totals, report: SeedReport): void {
  totals.seeds++;
  totals.events += report.events;
  totals.operations += report.operations.length;
  for (const [name, count] of report.happened)
    totals.happened.set(name, (totals.happened.get(name) ?? 0) + count);
}

async function main(words: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: words,
    options: {
      seeds: { type: "string" },
      from: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
      trace: { type: "boolean" },
      key: { type: "string" },
      checkpoints: { type: "boolean" },
      canaries: { type: "boolean" },
    },
  });
  if (values.canaries === true) return searchCanaries(print);
  if (values.seed !== undefined) {
    const seed = wholeNumber("seed", values.seed, 0);
    return runOne(seed, values.trace === true, values.key ?? null, values.checkpoints === true);
  }
  // Fresh seeds unless told otherwise: nobody tries the same thousand twice.
  const from = wholeNumber("from", values.from, Math.floor(Date.now() / 1000) * 1000);
  const minutes = wholeNumber("minutes", values.minutes, 60);
  return runMany(from, wholeNumber("seeds", values.seeds, 100), Date.now() + minutes * 60_000);
}

// Whoever reads only the beginning of a trace has seen enough.
process.stdout.on("error", () => process.exit());

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = 2;
}
