/** One measurement of one row: a load of about so many seconds, and the CPU time of the servers meanwhile. */
import { CHECK_PERF_SECONDS, runCheckPerf, runEtcdBenchmark } from "../closed-loop/etcd-load.ts";
import { runRespLoad, type Throughput } from "../closed-loop/redis-benchmark.ts";
import { BenchFailure } from "../failure.ts";
import { pidsOf, type Opponent, type OpponentName } from "../opponents/opponent.ts";
import { cpuUsOf } from "../processes/cpu-time.ts";
import type { Row, RowLoad } from "./rows.ts";

export interface Window extends Throughput {
  /** Of all processes of the opponent, without the client's. */
  readonly cpuUsPerOperation: number;
  readonly seconds: number;
}

export interface LoadTools {
  /** Path of etcd's `benchmark`, or null: `etcdctl check perf` is used. */
  readonly etcdBenchmark: string | null;
  readonly etcdctl: string;
}

/** How each of them is asked for a write that waits for no disk. */
const OS_WORDS: Readonly<Partial<Record<OpponentName, readonly string[]>>> = {
  kvorum: ["KV.PUT", "KEY", "VALUE", "DURABILITY", "os"],
  skeleton: ["SET", "KEY", "VALUE", "OS"],
};

/** Runs about so many operations of the row against its opponent. */
export async function measure(
  { load }: Row,
  opponent: Opponent,
  operations: number,
  tools: LoadTools,
): Promise<Window> {
  const pids = pidsOf(opponent);
  const startMs = performance.now();
  const startUs = cpuUsOf(pids);
  const throughput = await run(load, opponent, operations, tools);
  const cpuUs = cpuUsOf(pids) - startUs;
  const seconds = (performance.now() - startMs) / 1000;
  return { ...throughput, seconds, cpuUsPerOperation: cpuUs / throughput.operations };
}

/** A window of this row cannot be shorter, whatever is asked for; 0 where it can. */
export function secondsMin({ load }: Row, { etcdBenchmark }: LoadTools): number {
  return load.kind === "etcd" && etcdBenchmark === null ? CHECK_PERF_SECONDS : 0;
}

function run(load: RowLoad, opponent: Opponent, operations: number, tools: LoadTools): Promise<Throughput> {
  const { name, ports } = opponent;
  switch (load.kind) {
    case "resp":
      return runRespLoad(load, ports, operations, OS_WORDS[name] ?? []);
    case "etcd":
      return tools.etcdBenchmark === null
        ? runCheckPerf(tools.etcdctl, ports)
        : runEtcdBenchmark(tools.etcdBenchmark, load, ports, operations);
    case "engine":
      return runEngine(load, opponent, operations);
    default:
      throw new BenchFailure("LOAD", "there is no load of this kind");
  }
}

async function runEngine(
  { depth, valueBytes, keys }: Extract<RowLoad, { kind: "engine" }>,
  { processes }: Opponent,
  operations: number,
): Promise<Throughput> {
  const [server] = processes;
  const answer = await server?.tell({ operations, depth, valueBytes, keys }, "ran");
  const seconds = answer !== undefined && "seconds" in answer ? Number(answer.seconds) : Number.NaN;
  if (!(seconds > 0)) throw new BenchFailure("LOAD", "the engine's process did not say how long it took");
  return { operations, perSecond: operations / seconds, p50Ms: 0, p99Ms: 0 };
}
