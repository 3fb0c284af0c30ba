/** etcd, three members, and where its load tool is. */
import { join } from "node:path";
import { firstLineOf, runProgram } from "../processes/run-program.ts";
import { ServerProcess } from "../processes/server-process.ts";
import { readyOrStopped, stopAll, type Ground, type Missing, type Opponent } from "./opponent.ts";

const MEMBERS = 3;
/** Its default ends a run in the middle. */
const QUOTA_BYTES = 8 * 1024 ** 3;

/** Names or paths of programs. */
export interface EtcdPrograms {
  readonly etcd: string;
  readonly etcdctl: string;
}

export async function startEtcd(
  ground: Ground,
  { etcd, etcdctl }: EtcdPrograms,
): Promise<Opponent | Missing> {
  const version = firstLineOf(etcd, ["--version"]);
  if (version === null || firstLineOf(etcdctl, ["version"]) === null) {
    const missing = `${etcd} or ${etcdctl} not found; apt-get install etcd-server etcd-client, or say --etcd and --etcdctl`;
    return { name: "etcd", missing };
  }
  const clientPorts = await ground.ports.take(MEMBERS);
  const peerPorts = await ground.ports.take(MEMBERS);
  const processes = clientPorts.map((port, index) => begin(ground, etcd, index, port, peerPorts));
  await readyOrStopped(processes, async () => {
    await Promise.all(
      processes.map((server, index) => server.answers(() => isHealthy(etcdctl, clientPorts[index] ?? 0))),
    );
  });
  return {
    name: "etcd",
    version: version.replace("etcd Version:", "etcd"),
    ports: clientPorts,
    processes,
    stop: () => stopAll(processes),
  };
}

function begin(
  { work }: Ground,
  program: string,
  index: number,
  port: number,
  peerPorts: readonly number[],
): ServerProcess {
  const name = `etcd-${index + 1}`;
  const settings = {
    name,
    "data-dir": work.make(name),
    "listen-client-urls": url(port),
    "advertise-client-urls": url(port),
    "listen-peer-urls": url(peerPorts[index] ?? 0),
    "initial-advertise-peer-urls": url(peerPorts[index] ?? 0),
    "initial-cluster": peerPorts.map((peer, at) => `etcd-${at + 1}=${url(peer)}`).join(","),
    "initial-cluster-state": "new",
    "quota-backend-bytes": String(QUOTA_BYTES),
  };
  return new ServerProcess({
    name,
    program,
    words: Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
    logFile: join(work.make("logs"), `${name}.log`),
    speaks: false,
  });
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function isHealthy(etcdctl: string, port: number): Promise<boolean> {
  const { code } = await runProgram(etcdctl, [`--endpoints=127.0.0.1:${port}`, "endpoint", "health"]);
  return code === 0;
}
