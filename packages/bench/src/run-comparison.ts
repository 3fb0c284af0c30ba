/** `npm run bench`: starts everybody, measures in rounds, stops everybody. */
import { BenchFailure } from "./failure.ts";
import { startEcho } from "./opponents/echo.ts";
import { startEngine } from "./opponents/engine.ts";
import { startEtcd, type EtcdPrograms } from "./opponents/etcd.ts";
import { KvorumCluster } from "./opponents/kvorum.ts";
import {
  isMissing,
  type Ground,
  type Missing,
  type Opponent,
  type OpponentName,
} from "./opponents/opponent.ts";
import { startRedisCluster } from "./opponents/redis-cluster.ts";
import { startSkeleton } from "./opponents/skeleton.ts";
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

function start(name: OpponentName, ground: Ground, etcd: EtcdPrograms): Promise<Opponent | Missing> {
  switch (name) {
    case "echo":
      return startEcho(ground);
    case "skeleton":
      return startSkeleton(ground);
    case "kvorum":
      return KvorumCluster.start(ground);
    case "redis-cluster":
      return startRedisCluster(ground);
    case "etcd":
      return startEtcd(ground, etcd);
    case "engine":
      return startEngine(ground);
    default:
      throw new RangeError(`there is no opponent ${String(name)}`);
  }
}

/** The data is in `ground`, which the caller removes. Opponents that cannot be had are left out, with the reason. */
export async function runComparison(ground: Ground, options: ComparisonOptions): Promise<Comparison> {
  const sizes = options.isQuick ? QUICK_SIZES : DEFAULT_SIZES;
  const rows = chosenRows(allRows(sizes), options.only, options.isQuick);
  if (rows.some(({ load }) => load.kind === "resp") && firstLineOf("redis-benchmark", ["--version"]) === null)
    throw new BenchFailure("MISSING", "redis-benchmark not found; apt-get install redis-tools");
  const opponents = new Map<OpponentName, Opponent>();
  const leftOut: LeftOut[] = [];
  try {
    for (const name of new Set(rows.map(({ opponent }) => opponent))) {
      options.onProgress(`start: ${name}`);
      const found = await start(name, ground, options.etcd);
      if (isMissing(found)) leftOut.push(...leaveOut(rows, found));
      else opponents.set(name, found);
    }
    const { etcdBenchmark, etcd } = options;
    const hasTool = firstLineOf(etcdBenchmark, ["--help"]) !== null;
    const tools = { etcdBenchmark: hasTool ? etcdBenchmark : null, etcdctl: etcd.etcdctl };
    const { rounds, windowSeconds, onProgress } = options;
    const result = await runRounds(rows, opponents, { rounds, windowSeconds, tools, onProgress });
    return makeComparison({
      at: new Date(),
      machine: describeMachine(ground.work),
      versions: Object.fromEntries([...opponents].map(([name, { version }]) => [name, version])),
      rounds,
      windowSeconds,
      ...sizes,
      measured: result.measured,
      leftOut: [...leftOut, ...result.leftOut],
    });
  } finally {
    await Promise.all([...opponents.values()].map((opponent) => opponent.stop()));
  }
}

function leaveOut(rows: readonly Row[], { name, missing }: Missing): LeftOut[] {
  return rows.filter(({ opponent }) => opponent === name).map(({ id }) => ({ id, reason: missing }));
}
