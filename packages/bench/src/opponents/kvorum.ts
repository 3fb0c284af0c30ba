/** Three members of kvorum, by the script that runs members in production. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { memberEntry, renderConfig, type ConfigInput } from "@kvorum/server";
import type { ServerProcess } from "../processes/server-process.ts";
import { nodeProcess } from "./node-process.ts";
import { readyOrStopped, stopAll, type Ground, type Opponent } from "./opponent.ts";
import { askJson } from "./ask.ts";

const MEMBERS = 3;

export interface KvorumOptions {
  /** Flags of Node before the script, such as a module that is loaded first. */
  readonly flags?: readonly string[];
  /** Other limits than those of production. */
  readonly limits?: NonNullable<ConfigInput["limits"]>;
}

/** A cluster whose members can be ended and started again, one by one. */
export class KvorumCluster implements Opponent {
  readonly name = "kvorum";
  readonly version: string = `Node ${process.versions.node}`;
  readonly ports: readonly number[];
  readonly #ground: Ground;
  readonly #flags: readonly string[];
  readonly #processes: ServerProcess[];

  static async start(
    ground: Ground,
    { flags = [], limits = {} }: KvorumOptions = {},
  ): Promise<KvorumCluster> {
    const ports = await ground.ports.take(MEMBERS);
    writeConfigs(ground, ports, await ground.ports.take(2 * MEMBERS), limits);
    const cluster = new KvorumCluster(ground, ports, flags);
    await readyOrStopped(cluster.processes, () => cluster.isWhole());
    return cluster;
  }

  private constructor(ground: Ground, ports: readonly number[], flags: readonly string[]) {
    this.ports = ports;
    this.#ground = ground;
    this.#flags = flags;
    this.#processes = ports.map((_, index) => this.#begin(index));
  }

  get processes(): readonly ServerProcess[] {
    return this.#processes;
  }

  /** By its number, from 0. */
  member(index: number): ServerProcess {
    const server = this.#processes[index];
    if (server === undefined) throw new Error(`there is no member ${index}`);
    return server;
  }

  /** Where the engine of a member has its files. */
  engineDir(index: number): string {
    return join(dataDir(this.#ground, index), "engine");
  }

  /** Begins a member that has ended; resolves when it serves and has met the others. */
  async startAgain(index: number): Promise<void> {
    this.#processes[index] = this.#begin(index);
    await this.isWhole();
  }

  /** Resolves when every member serves and has met the others. */
  async isWhole(): Promise<void> {
    await Promise.all(
      this.#processes.map((server, index) => server.answers(() => hasMetAll(this.ports[index] ?? 0))),
    );
  }

  stop(): Promise<void> {
    return stopAll(this.#processes);
  }

  #begin(index: number): ServerProcess {
    const words = [memberEntry, "--config", configFile(this.#ground, index)];
    return nodeProcess(this.#ground.work, nameOf(index), words, this.#flags);
  }
}

function nameOf(index: number): string {
  return `kvorum-${index + 1}`;
}

function dataDir({ work }: Ground, index: number): string {
  return work.make(nameOf(index));
}

function configFile({ work }: Ground, index: number): string {
  return join(work.root, `${nameOf(index)}.yaml`);
}

function writeConfigs(
  ground: Ground,
  respPorts: readonly number[],
  others: readonly number[],
  limits: NonNullable<ConfigInput["limits"]>,
): void {
  const members = respPorts.map((resp, index) => ({
    id: index + 1,
    name: nameOf(index),
    host: `host-${index + 1}`,
    zone: `zone-${index + 1}`,
    peer: `127.0.0.1:${others[index]}`,
    resp: `127.0.0.1:${resp}`,
    http: `127.0.0.1:${others[MEMBERS + index]}`,
  }));
  members.forEach(({ name }, index) => {
    const config = renderConfig({
      cluster: "bench",
      self: name,
      dir: dataDir(ground, index),
      members,
      limits,
    });
    writeFileSync(configFile(ground, index), config);
  });
}

async function hasMetAll(port: number): Promise<boolean> {
  const status = await askJson(port, "KV.ADMIN", "STATUS");
  if (typeof status !== "object" || status === null || !("state" in status && "peers" in status))
    return false;
  const { state, peers } = status;
  if (state !== "serving" || !Array.isArray(peers)) return false;
  return peers.every((peer: unknown) => {
    return typeof peer === "object" && peer !== null && "state" in peer && peer.state === "up";
  });
}
