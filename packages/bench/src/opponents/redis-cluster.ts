/** Redis Cluster: three masters with a replica each, append-only file synced every second. */
import { join } from "node:path";
import { BenchFailure } from "../failure.ts";
import { pause } from "../processes/pause.ts";
import { firstLineOf, runProgram } from "../processes/run-program.ts";
import { ServerProcess } from "../processes/server-process.ts";
import { ask } from "./ask.ts";
import { readyOrStopped, stopAll, type Ground, type Missing, type Opponent } from "./opponent.ts";

const PROGRAMS = ["redis-server", "redis-cli", "redis-benchmark"];
const MASTERS = 3;
const JOIN_MS_MAX = 60_000;
const LOOK_EVERY_MS = 200;

export async function startRedisCluster(ground: Ground): Promise<Opponent | Missing> {
  const absent = PROGRAMS.filter((program) => firstLineOf(program, ["--version"]) === null);
  if (absent.length > 0) {
    const missing = `${absent.join(", ")} not found; apt-get install redis-server redis-tools`;
    return { name: "redis-cluster", missing };
  }
  const ports = await ground.ports.take(2 * MASTERS);
  const processes = ports.map((port, index) => begin(ground, port, index + 1));
  await readyOrStopped(processes, () => joined(processes, ports));
  const [, version = "unknown"] = /v=([0-9.]+)/.exec(firstLineOf("redis-server", ["--version"]) ?? "") ?? [];
  return {
    name: "redis-cluster",
    version: `Redis ${version}`,
    // The first ones become the masters.
    ports: ports.slice(0, MASTERS),
    processes,
    stop: () => stopAll(processes),
  };
}

function begin({ work }: Ground, port: number, number: number): ServerProcess {
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: work.make(`redis-${number}`),
    "cluster-enabled": "yes",
    "cluster-config-file": "nodes.conf",
    "cluster-node-timeout": "5000",
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
  };
  return new ServerProcess({
    name: `redis ${number}`,
    program: "redis-server",
    words: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    logFile: join(work.make("logs"), `redis-${number}.log`),
    speaks: false,
  });
}

async function joined(processes: readonly ServerProcess[], ports: readonly number[]): Promise<void> {
  await Promise.all(
    processes.map((server, index) =>
      server.answers(async () => (await ask(ports[index] ?? 0, "PING")) === "PONG"),
    ),
  );
  const nodes = ports.map((port) => `127.0.0.1:${port}`);
  const words = ["--cluster", "create", ...nodes, "--cluster-replicas", "1", "--cluster-yes"];
  const { code, out, err } = await runProgram("redis-cli", words);
  if (code !== 0) throw new BenchFailure("START", `redis-cli made no cluster:\n${out}${err}`);
  const untilMs = performance.now() + JOIN_MS_MAX;
  while (!(await isWhole(ports))) {
    if (performance.now() > untilMs)
      throw new BenchFailure("START", `the Redis cluster was not whole within ${JOIN_MS_MAX} ms`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Every node knows that all slots are served, and every master has a replica that follows. */
async function isWhole(ports: readonly number[]): Promise<boolean> {
  const infos = await Promise.all(ports.map((port) => ask(port, "CLUSTER", "INFO")));
  if (!infos.every((info) => String(info).includes("cluster_state:ok"))) return false;
  const roles = await Promise.all(ports.slice(0, MASTERS).map((port) => ask(port, "INFO", "replication")));
  return roles.every((role) => /role:master[^]*state=online/.test(String(role)));
}
