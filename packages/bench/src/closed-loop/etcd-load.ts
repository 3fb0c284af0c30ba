/**
 * etcd's own load tools. `benchmark` (go.etcd.io/etcd/tools/benchmark) is the better one and not packaged;
 * `etcdctl check perf` comes with etcd and always takes a minute.
 */
import { BenchFailure } from "../failure.ts";
import { runProgram } from "../processes/run-program.ts";
import type { Throughput } from "./redis-benchmark.ts";

/** What `check perf --load=xl` does: values of 1 KiB, 1,000 clients, at most 15,000 puts a second, for a minute. */
export const CHECK_PERF_SECONDS = 60;
const MS = 1000;

/** `put` of the tool `benchmark`. */
export function etcdBenchmarkWords(
  ports: readonly number[],
  connections: number,
  valueBytes: number,
  keys: number,
  operations: number,
): string[] {
  return [
    `--endpoints=${endpoints(ports)}`,
    `--clients=${connections}`,
    `--conns=${connections}`,
    "put",
    `--total=${operations}`,
    `--val-size=${valueBytes}`,
    "--key-size=16",
    `--key-space-size=${keys}`,
  ];
}

function endpoints(ports: readonly number[]): string {
  return ports.map((port) => `127.0.0.1:${port}`).join(",");
}

/** The summary that the tool prints. */
export function parseEtcdBenchmark(out: string): Omit<Throughput, "operations"> {
  const number = (pattern: RegExp): number => {
    const [, text] = pattern.exec(out) ?? [];
    if (text === undefined)
      throw new BenchFailure("LOAD", `etcd's benchmark printed no ${pattern.source}:\n${out}`);
    return Number(text);
  };
  return {
    perSecond: number(/Requests\/sec:\s*([0-9.]+)/),
    p50Ms: number(/50% in ([0-9.]+) secs/) * MS,
    p99Ms: number(/99% in ([0-9.]+) secs/) * MS,
  };
}

/** `PASS: Throughput is 150 writes/s` or `FAIL: Throughput too low: 3400 writes/s`. */
export function parseCheckPerf(out: string): number {
  const [, text] = /Throughput(?: is| too low:) ([0-9]+) writes\/s/.exec(out) ?? [];
  if (text === undefined) throw new BenchFailure("LOAD", `etcdctl check perf printed no throughput:\n${out}`);
  return Number(text);
}

export interface EtcdLoad {
  readonly connections: number;
  readonly valueBytes: number;
  readonly keys: number;
}

export async function runEtcdBenchmark(
  program: string,
  load: EtcdLoad,
  ports: readonly number[],
  operations: number,
): Promise<Throughput> {
  const { connections, valueBytes, keys } = load;
  const words = etcdBenchmarkWords(ports, connections, valueBytes, keys, operations);
  const { code, out, err } = await runProgram(program, words);
  if (code !== 0) throw new BenchFailure("LOAD", `${program} ended with code ${code}:\n${err || out}`);
  return { operations, ...parseEtcdBenchmark(out) };
}

export async function runCheckPerf(etcdctl: string, ports: readonly number[]): Promise<Throughput> {
  const words = [`--endpoints=${endpoints(ports)}`, "check", "perf", "--load=xl"];
  // It ends with 1 when a cluster is slower than it likes; the numbers are good all the same.
  const { out, err } = await runProgram(etcdctl, words);
  const perSecond = parseCheckPerf(`${out}${err}`);
  return { operations: perSecond * CHECK_PERF_SECONDS, perSecond, p50Ms: 0, p99Ms: 0 };
}
