/** `npm run nemesis`: workloads and checkers against real processes that are killed, paused and cut off. */
import { parseArgs } from "node:util";
import type { Operation } from "../workloads/history.ts";
import { runNemesis, type NemesisReport } from "./run-nemesis.ts";

const USAGE = `npm run nemesis -- [--minutes 5] [--seed SEED] [--members 3]
  a seed repeats what is drawn (faults, workloads), not what then happens: processes keep their own time`;

const EXIT = { well: 0, violations: 1, usage: 2, interrupted: 130 } as const;
const VIOLATIONS_PRINTED = 10;

class UsageError extends Error {}

function number(name: string, text: string | undefined, otherwise: number, pattern: RegExp): number {
  if (text === undefined) return otherwise;
  if (!pattern.test(text)) throw new UsageError(`--${name} does not take "${text}"`);
  return Number(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function counted(names: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [name, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    print(`${String(count).padStart(8)}  ${name}`);
}

function nameOf({ kind, ending, code }: Operation): string {
  return `${kind} ${ending} ${code}`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}

function printReport({ operations, struck, workloads, availability, violations }: NemesisReport): void {
  print(`${operations.length} operations in ${workloads} workloads`);
  counted(operations.map(nameOf));
  print(`${struck.length} faults`);
  counted(struck.map(({ strike }) => strike.kind));
  const { seconds, operations: all, succeeded, worst } = availability;
  if (all > 0)
    print(
      `in ${seconds} seconds with at most one member struck, ${percent(succeeded / all)} of ${all} operations at the others succeeded` +
        (worst === null ? "" : `; in the worst second (${worst.second}) ${percent(worst.part)}`),
    );
  for (const { checker, text } of violations.slice(0, VIOLATIONS_PRINTED)) print(`${checker}: ${text}`);
  print(`${violations.length} violations`);
}

async function main(words: string[]): Promise<number> {
  const { values } = parseArgs({
    args: words,
    options: { minutes: { type: "string" }, seed: { type: "string" }, members: { type: "string" } },
  });
  const minutes = number("minutes", values.minutes, 5, /^[0-9]{1,4}(\.[0-9]{1,3})?$/);
  const members = number("members", values.members, 3, /^[35]$/);
  // A fresh one unless told otherwise: nobody meets the same faults twice.
  const seed = number("seed", values.seed, Math.floor(Date.now() / 1000), /^[0-9]{1,15}$/);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
      print("stopping");
      interrupted.abort();
    });
  print(`nemesis: seed ${seed}, ${members} members, ${minutes} minutes`);
  const report = await runNemesis({
    seed,
    members,
    durationMs: minutes * 60_000,
    log: print,
    signal: interrupted.signal,
  });
  if (report === null) return EXIT.interrupted;
  printReport(report);
  print(`again: npm run nemesis -- --seed ${seed} --members ${members} --minutes ${minutes}`);
  return report.violations.length === 0 ? EXIT.well : EXIT.violations;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = EXIT.usage;
}
