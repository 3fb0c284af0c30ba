/**
 * `redis-benchmark`, the closed-loop driver of Redis: each connection asks again when it has been answered. A client
 * that knows no slots is one process for each member; `--cluster` is one process that knows them.
 */
import { BenchFailure } from "../failure.ts";
import { runProgram } from "../processes/run-program.ts";

/**
 * `set-os`: acknowledged by operating systems; `set-if`: on condition that the key is there; `get-serial`: linearizable
 * among conditional writes; `incr`: all connections count up one key.
 */
export type RespOperation = "set" | "set-os" | "set-if" | "get" | "get-serial" | "incr";

export interface RespLoad {
  readonly operation: RespOperation;
  /** Commands that each connection sends before it waits for the first reply. */
  readonly depth: number;
  readonly valueBytes: number;
  /** `spread`: over all ports alike. `slots`: each key to the member that coordinates it. */
  readonly route: "spread" | "slots";
  /** Over all members. */
  readonly connections: number;
  /** Random keys of so many. */
  readonly keys: number;
}

export interface Throughput {
  readonly operations: number;
  readonly perSecond: number;
  /** Of the closed loop: it says how long a request takes when nobody is in a hurry. 0 where the tool does not say. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A cluster client of `redis-benchmark` writes to one slot of each master, whatever its tags promise. */
const MASTERS = 3;

/** The command line for one process. `target`: who takes the write, whose words differ where durability is meant. */
export function benchmarkWords(
  load: RespLoad,
  port: number,
  connections: number,
  operations: number,
  osWords: readonly string[],
): string[] {
  const bySlot = load.route === "slots";
  const keys = bySlot ? Math.ceil(load.keys / MASTERS) : load.keys;
  const flags = [
    `-p ${port} -c ${connections} -n ${operations} -P ${load.depth} -d ${load.valueBytes} -r ${keys} --csv`,
    ...(bySlot ? ["--cluster"] : []),
  ].flatMap((part) => part.split(" "));
  const key = bySlot ? "key:{tag}:__rand_int__" : "key:__rand_int__";
  const value = "x".repeat(load.valueBytes);
  switch (load.operation) {
    case "get":
    case "set":
      return [...flags, "-t", load.operation];
    case "set-if":
      return [...flags, "SET", key, value, "XX"];
    case "get-serial":
      return [...flags, "KV.GET", key, "SERIAL"];
    case "incr":
      return [...flags, "INCR", "hot"];
    case "set-os":
      return [...flags, ...osWords.map((word) => (word === "KEY" ? key : word === "VALUE" ? value : word))];
    default:
      throw new BenchFailure("LOAD", `there is no operation ${String(load.operation)}`);
  }
}

/** What `--csv` prints, of one test. */
export function parseBenchmarkCsv(out: string): { perSecond: number; p50Ms: number; p99Ms: number } {
  const lines = out.split("\n").map((line) => cellsOf(line));
  const head = lines.findIndex((cells) => cells[0] === "test");
  const names = lines[head] ?? [];
  const row = lines[head + 1] ?? [];
  const at = (name: string): number => {
    const value = Number(row[names.indexOf(name)] ?? Number.NaN);
    if (Number.isFinite(value)) return value;
    throw new BenchFailure("LOAD", `redis-benchmark printed no ${name}:\n${out}`);
  };
  return { perSecond: at("rps"), p50Ms: at("p50_latency_ms"), p99Ms: at("p99_latency_ms") };
}

/** `"GET key","12.00"`; the command in the first cell may hold anything. */
function cellsOf(line: string): string[] {
  const [, inside] = /^"(.*)"$/.exec(line.trim()) ?? [];
  return inside === undefined ? [] : inside.split('","');
}

/** Runs so many operations. Servers that answer with an error end the run. */
export async function runRespLoad(
  load: RespLoad,
  ports: readonly number[],
  operations: number,
  osWords: readonly string[],
): Promise<Throughput> {
  const targets = load.route === "slots" ? ports.slice(0, 1) : ports;
  const share = Math.max(load.connections / targets.length, 1);
  const each = Math.ceil(operations / targets.length);
  const found = await Promise.all(
    targets.map((port) => runOne(benchmarkWords(load, port, Math.round(share), each, osWords))),
  );
  return {
    operations: each * targets.length,
    perSecond: found.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50Ms: Math.max(...found.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...found.map(({ p99Ms }) => p99Ms)),
  };
}

async function runOne(words: readonly string[]): Promise<ReturnType<typeof parseBenchmarkCsv>> {
  const { code, out, err } = await runProgram("redis-benchmark", words);
  if (code === 0) return parseBenchmarkCsv(out);
  throw new BenchFailure(
    "LOAD",
    `redis-benchmark ended with code ${code}: ${(err || out).trim().slice(-500)}`,
  );
}
