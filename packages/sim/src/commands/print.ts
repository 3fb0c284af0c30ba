/** What the command line prints of runs. */
import type { SeedReport } from "../run-seed.ts";
import { describe, seconds } from "../workloads/history.ts";
import type { TraceLine, Tracer } from "../world/event-log.ts";

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One bug often breaks a hundred promises of one seed. */
const VIOLATIONS_PRINTED = 3;

export function printViolations({ seed, violations }: SeedReport): void {
  for (const { checker, text } of violations.slice(0, VIOLATIONS_PRINTED))
    print(`seed ${seed}: ${checker}: ${text}`);
  if (violations.length > VIOLATIONS_PRINTED) print(`seed ${seed}: ${violations.length} violations in all`);
}

/** `key`: only what has to do with it, and what happens to members and ways. */
export function tracer(key: string | null): Tracer {
  return ({ atUs, member, kind, text }: TraceLine) => {
    const isOfOther = key !== null && (kind === "invoke" || kind === "answer") && !text.includes(` ${key} `);
    const isNoise = key !== null && (kind === "file" || kind === "engine");
    if (isOfOther || isNoise) return;
    const who = member === 0 ? "world" : `member ${member}`;
    print(`${seconds(atUs).padStart(12)}  ${who}  ${kind}  ${text}`);
  };
}

export function printReport(report: SeedReport): void {
  const { seed, events, operations, digest, options } = report;
  print(`seed ${seed}: ${events} events, ${operations.length} operations, hash ${digest}`);
  const { members, replicas, faults } = options;
  print(`  ${members} members, n=${replicas}, faults: ${faults.join(" ") || "none"}`);
  printCounts(report.happened, 7);
}

export function printCounts(counts: ReadonlyMap<string, number>, width: number): void {
  for (const [name, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    print(`  ${String(count).padStart(width)}  ${name}`);
}

export function printOperationsOf(key: string, { operations }: SeedReport): void {
  for (const operation of operations) if (operation.key === key) print(`  ${describe(operation)}`);
}
