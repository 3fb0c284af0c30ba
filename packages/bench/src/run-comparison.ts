/** `npm run bench`: starts everybody, measures in rounds, stops everybody. */
import { BenchFailure } from "./failure.ts";
import type { EtcdPrograms } from "./opponents/etcd.ts";
import type { Ground, Missing } from "./opponents/opponent.ts";
import { versionsOf, withOpponents } from "./opponents/start.ts";
import { firstLineOf } from "./processes/run-program.ts";
import { describeMachine } from "./report/machine.ts";
import { makeComparison, type Comparison } from "./report/comparison.ts";
import { runRounds, type LeftOut } from "./rounds/interleave.ts";
import { allRows, chosenRows, DEFAULT_SIZES, QUICK_SIZES, type Row } from "./rounds/rows.ts";

export interface ComparisonOptions {
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly isQuick: boolean;
  /** Parts of ids; none: all rows. */
  readonly only: readonly string[];
  readonly etcd: EtcdPrograms;
  /** Name or path of etcd's load tool. */
  readonly etcdBenchmark: string;
  readonly onProgress: (text: string) => void;
}

/** Opponents that cannot be had are left out, with the reason. */
export async function runComparison(ground: Ground, options: ComparisonOptions): Promise<Comparison> {
  const { rounds, windowSeconds, isQuick, only, etcd, etcdBenchmark, onProgress } = options;
  const sizes = isQuick ? QUICK_SIZES : DEFAULT_SIZES;
  const rows = chosenRows(allRows(sizes), only, isQuick);
  if (firstLineOf("redis-benchmark", ["--version"]) === null)
    throw new BenchFailure("MISSING", "redis-benchmark not found; apt-get install redis-tools");
  // Other programs have that name too.
  const hasTool = firstLineOf(etcdBenchmark, ["--help"])?.includes("etcd") === true;
  const tools = { etcdBenchmark: hasTool ? etcdBenchmark : null, etcdctl: etcd.etcdctl };
  const names = rows.map(({ opponent }) => opponent);
  return withOpponents(names, ground, etcd, onProgress, async ({ opponents, missing }) => {
    const result = await runRounds(rows, opponents, { rounds, windowSeconds, tools, onProgress });
    return makeComparison({
      at: new Date(),
      machine: describeMachine(ground.work),
      versions: versionsOf(opponents),
      rounds,
      windowSeconds,
      ...sizes,
      othersShare: result.othersShare,
      measured: result.measured,
      leftOut: [...missing.flatMap((one) => leaveOut(rows, one)), ...result.leftOut],
    });
  });
}

function leaveOut(rows: readonly Row[], { name, missing }: Missing): LeftOut[] {
  return rows.filter(({ opponent }) => opponent === name).map(({ id }) => ({ id, reason: missing }));
}
