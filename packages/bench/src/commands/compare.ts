/** `npm run bench`: the comparison. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { comparisonText } from "../report/comparison.ts";
import { runComparison } from "../run-comparison.ts";
import { another, deliver, onGround, progress, type CommonFlags } from "./common-flags.ts";

const QUICK = { rounds: 3, seconds: 1.5 };
const FULL = { rounds: 3, seconds: 5 };

interface CompareFlags extends CommonFlags {
  readonly etcd: string;
  readonly etcdctl: string;
  readonly etcdBenchmark: string;
}

/** It is what the program does when no other command is named. */
export function addCompare(program: Command, done: (code: ExitCode) => void): void {
  program
    .option(
      "--only <row>",
      "only rows or stores whose name contains this, and the control; may be repeated",
      another,
    )
    .option("--etcd <path>", "etcd's server", "etcd")
    .option("--etcdctl <path>", "etcd's command line", "etcdctl")
    .option(
      "--etcd-benchmark <path>",
      "etcd's load tool; where it is missing, etcdctl check perf",
      "benchmark",
    )
    .action(async (flags: CompareFlags) => done(await compare(flags)));
}

async function compare(flags: CompareFlags): Promise<ExitCode> {
  const sizes = flags.quick === true ? QUICK : FULL;
  const comparison = await onGround(flags, (ground) =>
    runComparison(ground, {
      rounds: flags.rounds ?? sizes.rounds,
      windowSeconds: flags.seconds ?? sizes.seconds,
      isQuick: flags.quick === true,
      only: flags.only ?? [],
      etcd: { etcd: flags.etcd, etcdctl: flags.etcdctl },
      etcdBenchmark: flags.etcdBenchmark,
      onProgress: progress,
    }),
  );
  return deliver(comparison, comparisonText(comparison), "comparison", flags);
}
