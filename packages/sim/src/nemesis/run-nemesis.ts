/**
 * The simulator's workloads and checkers against real processes. Clients work while members are killed and paused
 * and links are cut; then everything is mended, everything is read from all homes at every member, and every key is
 * written and read once more. Then the checkers judge, each workload by its own history.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Prng } from "@kvorum/core";
import { checkLinearizability } from "../checkers/linearizability.ts";
import { checkSerialLiveness } from "../checkers/serial-liveness.ts";
import { judgeHistory } from "../judge.ts";
import type { Operation, Violation } from "../workloads/history.ts";
import { Client } from "../workloads/client.ts";
import { SerialClient } from "../workloads/serial-client.ts";
import type { OpenSerial } from "../workloads/serial-stage.ts";
import { drawOptions, type WorkloadOptions } from "../world/options.ts";
import { availability, type Availability } from "./availability.ts";
import { Connections } from "./connections.ts";
import { DevCluster } from "./dev-cluster.ts";
import { FinalRound, READER } from "./final-round.ts";
import { ProcessStage } from "./process-stage.ts";
import { RealClock } from "./real-clock.ts";
import { sleep } from "./sleep.ts";
import { Strikes, type Struck } from "./strikes.ts";
import type { Wire } from "./wire.ts";

export interface NemesisOptions {
  readonly seed: number;
  readonly members: number;
  readonly durationMs: number;
  readonly log: (text: string) => void;
  /** Ends the run at once, without a judgement. */
  readonly signal: AbortSignal;
  /** What to put between clients and members: a lie, in tests of the checkers. */
  readonly between?: (wire: Wire) => Wire;
}

export interface NemesisReport {
  readonly violations: readonly Violation[];
  readonly operations: readonly Operation[];
  /** Conditional writes and serial reads. */
  readonly serial: readonly OpenSerial[];
  readonly struck: readonly Struck[];
  readonly workloads: number;
  readonly availability: Availability;
  /** Where data and logs are, kept because something is wrong; empty when nothing is. */
  readonly kept: string;
}

/** Homes of each key: what `kvorum dev` makes. */
const REPLICAS = 3;
/** One workload follows the other, with keys and a history of its own: checkers look at every pair of its operations. */
const WORKLOAD_MS = 15_000;
/** They contend for a text and a number. */
const SERIAL_CLIENTS = 3;
/** No strike takes more of a run than this part. */
const HOLD_PART = 6;
const WHOLE_MS_MAX = 60_000;
/** Longer than any operation of a client may still be under way in the cluster. */
const SETTLING_MS = 4_000;

/** Null: it was told to end. */
export async function runNemesis(options: NemesisOptions): Promise<NemesisReport | null> {
  const clock = new RealClock();
  const cluster = await DevCluster.start(options.members, () => clock.nowUs);
  let isKept = true;
  try {
    const run = new NemesisRun(options, cluster, clock);
    const report = await run.report();
    isKept = report !== null && report.violations.length > 0;
    return report;
  } finally {
    await cluster.stop();
    if (isKept) options.log(`data, logs and history are kept in ${cluster.root}`);
    else cluster.removeData();
  }
}

class NemesisRun {
  readonly #options: NemesisOptions;
  readonly #cluster: DevCluster;
  readonly #clock: RealClock;
  readonly #connections: Connections;
  readonly #wire: Wire;
  readonly #strikes: Strikes;
  readonly #root: Prng;
  readonly #stages: ProcessStage[] = [];
  readonly #violations: Violation[] = [];

  constructor(options: NemesisOptions, cluster: DevCluster, clock: RealClock) {
    this.#options = options;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#connections = new Connections({
      members: cluster.members,
      portOf: (member) => cluster.portOf(member),
      wasHeldUp: (member, sinceUs) => cluster.heldUp.since(member, sinceUs),
    });
    this.#wire = options.between?.(this.#connections) ?? this.#connections;
    this.#root = new Prng(options.seed);
    this.#strikes = new Strikes({
      cluster,
      random: this.#root.fork("strikes"),
      holdMsMax: options.durationMs / HOLD_PART,
      nowUs: () => clock.nowUs,
      log: (text) => this.#log(text),
    });
  }

  async report(): Promise<NemesisReport | null> {
    const { signal, members } = this.#options;
    try {
      await this.#mustBeWhole("the cluster did not form");
      await this.#disturb();
      if (signal.aborted) return null;
      this.#log("mending everything");
      await this.#cluster.mendAll();
      await this.#mustBeWhole("the cluster did not become whole after healing");
      await sleep(SETTLING_MS, signal);
      for (const stage of this.#stages) stage.abandon();
      await this.#readAndWriteAll();
      if (signal.aborted) return null;
    } finally {
      for (const stage of this.#stages) stage.abandon();
      this.#connections.closeAll();
    }
    this.#checkDeaths();
    const { struck } = this.#strikes;
    if (this.#violations.length > 0) this.#keepHistory();
    const operations = this.#stages.flatMap((stage) => stage.operations);
    const majority = Math.floor(REPLICAS / 2) + 1;
    return {
      violations: this.#violations,
      operations,
      serial: this.#stages.flatMap((stage) => stage.serial),
      struck,
      workloads: this.#stages.length,
      availability: availability(operations, struck, this.#cluster.members, Math.min(majority, members)),
      kept: this.#violations.length > 0 ? this.#cluster.root : "",
    };
  }

  /** Workloads, one after the other, while the strikes go on. */
  async #disturb(): Promise<void> {
    const { durationMs, signal } = this.#options;
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener("abort", end);
    const struck = this.#strikes.run(over.signal);
    try {
      const untilMs = performance.now() + durationMs;
      for (let leftMs = durationMs; leftMs > 0 && !signal.aborted; leftMs = untilMs - performance.now())
        await this.#work(Math.min(WORKLOAD_MS, leftMs));
    } finally {
      end();
      signal.removeEventListener("abort", end);
      await struck;
    }
  }

  async #work(forMs: number): Promise<void> {
    const number = this.#stages.length + 1;
    const random = this.#root.fork(`workload-${number}`);
    const drawn = drawOptions(this.#options.seed, random).workload;
    const workload: WorkloadOptions = {
      ...drawn,
      ttlPercent: 0,
      touchEvery: 0,
      walkers: 0,
      serialClients: SERIAL_CLIENTS,
      serialKeys: 1,
      conditionalPercent: 0,
    };
    const stage = new ProcessStage({
      wire: this.#wire,
      clock: this.#clock,
      prefix: `w${number}-`,
      replicas: REPLICAS,
    });
    this.#stages.push(stage);
    const { clients, keys, quorums, timeoutMs } = workload;
    this.#log(`workload ${number}: ${clients} clients, ${keys} keys, quorums ${quorums}, ${timeoutMs} ms`);
    const shape = { members: this.#options.members, replicas: REPLICAS, workload };
    const working = Array.from({ length: clients }, (_, index) => {
      const client = index + 1;
      this.#connections.close(client);
      this.#connections.open(client);
      return new Client(client, stage, shape, random.fork(`client-${client}`));
    });
    const serial = Array.from({ length: SERIAL_CLIENTS }, (_, index) => {
      const client = clients + 1 + index;
      this.#connections.close(client);
      this.#connections.open(client);
      return new SerialClient(client, stage, shape, random.fork(`serial-client-${index + 1}`));
    });
    for (const client of [...working, ...serial]) client.start();
    await sleep(forMs, this.#options.signal);
    for (const client of [...working, ...serial]) client.stop();
  }

  async #readAndWriteAll(): Promise<void> {
    this.#connections.open(READER);
    if (!(await this.#connections.isReady(READER, WHOLE_MS_MAX)))
      this.#violate("liveness", "a member takes no connections after healing");
    this.#log("reading everything");
    const { signal } = this.#options;
    const rounds = this.#stages.map(
      (stage) => new FinalRound(stage, this.#cluster.members, REPLICAS, signal),
    );
    for (const round of rounds) await round.readAll();
    for (const round of rounds) await round.writeAll();
    for (const round of rounds) await round.readSerially();
    if (signal.aborted) return;
    this.#log("judging");
    this.#stages.forEach((stage, index) => this.#judge(stage, rounds[index]?.finalReads ?? [], index + 1));
  }

  #judge(stage: ProcessStage, finalReads: readonly Operation[], workload: number): void {
    const found = [
      ...judgeHistory(stage, finalReads),
      ...checkSerialLiveness(stage.serial),
      ...checkLinearizability({ operations: stage.serial }),
      ...stage.garbled.map((text) => ({ checker: "replies", key: "", text, operations: [] })),
    ];
    for (const violation of found)
      this.#violations.push({ ...violation, text: `workload ${workload}: ${violation.text}` });
  }

  /** For whoever looks into a violation. */
  #keepHistory(): void {
    const { seed, members, durationMs } = this.#options;
    const workloads = this.#stages.map(({ operations, serial }) => ({ operations, serial }));
    const history = { seed, members, durationMs, struck: this.#strikes.struck, workloads };
    writeFileSync(join(this.#cluster.root, "history.json"), JSON.stringify(history));
  }

  /** No member ends of itself: no disk fails here. */
  #checkDeaths(): void {
    for (const text of this.#cluster.deaths()) this.#violate("fatal", text);
  }

  async #mustBeWhole(otherwise: string): Promise<void> {
    if (!(await this.#cluster.isWhole(WHOLE_MS_MAX))) this.#violate("liveness", otherwise);
  }

  #violate(checker: string, text: string): void {
    this.#violations.push({ checker, key: "", text, operations: [] });
  }

  #log(text: string): void {
    this.#options.log(`${(this.#clock.nowUs / 1_000_000).toFixed(1).padStart(7)} s  ${text}`);
  }
}
