/** A local cluster of real processes, with all that can be done to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MemberId } from "@kvorum/core";
import { Redis } from "ioredis";
import { DevProcess, PortTaken } from "./dev-process.ts";
import { freePortBase } from "./free-ports.ts";
import { HeldUp } from "./held-up.ts";
import { sleep } from "./sleep.ts";

const STATUS_MS = 2_000;
const LOOK_EVERY_MS = 100;
const START_TRIES = 4;

/** What the faults need of a cluster. */
export interface Breakable {
  readonly members: readonly MemberId[];
  kill(member: MemberId): Promise<void>;
  start(member: MemberId): Promise<void>;
  pause(member: MemberId): Promise<void>;
  resume(member: MemberId): Promise<void>;
  cut(from: MemberId, to: MemberId, isOneWay: boolean): Promise<void>;
  heal(a: MemberId, b: MemberId): Promise<void>;
}

export class DevCluster implements Breakable {
  readonly members: readonly MemberId[];
  /** Where its data and logs are. */
  readonly root: string;
  readonly heldUp: HeldUp;
  readonly #dev: DevProcess;
  readonly #portBase: number;

  static async start(size: number, nowUs: () => number): Promise<DevCluster> {
    const root = mkdtempSync(join(tmpdir(), "kvorum-nemesis-"));
    try {
      const [dev, portBase] = await startOnFreePorts(root, size);
      return new DevCluster(root, size, dev, portBase, nowUs);
    } catch (error) {
      remove(root);
      throw error;
    }
  }

  private constructor(root: string, size: number, dev: DevProcess, portBase: number, nowUs: () => number) {
    this.root = root;
    this.members = Array.from({ length: size }, (_, index) => index + 1);
    this.heldUp = new HeldUp(nowUs);
    this.#dev = dev;
    this.#portBase = portBase;
  }

  portOf(member: MemberId): number {
    return this.#portBase + member;
  }

  async kill(member: MemberId): Promise<void> {
    this.heldUp.begin(member);
    await this.#do("kill", member);
  }

  async start(member: MemberId): Promise<void> {
    if (await this.#do("start", member)) this.heldUp.end(member);
  }

  async pause(member: MemberId): Promise<void> {
    this.heldUp.begin(member);
    // It was gone already, and whoever has killed it says when it is back; or it was paused.
    await this.#do("pause", member);
  }

  async resume(member: MemberId): Promise<void> {
    if (await this.#do("resume", member)) this.heldUp.end(member);
  }

  async cut(from: MemberId, to: MemberId, isOneWay: boolean): Promise<void> {
    await this.#dev.ask({ verb: "partition", link: `${from}:${to}`, oneWay: isOneWay });
  }

  async heal(a: MemberId, b: MemberId): Promise<void> {
    await this.#dev.ask({ verb: "heal", link: `${a}:${b}`, oneWay: false });
  }

  /** Whatever is broken is mended. */
  async mendAll(): Promise<void> {
    await this.#dev.ask({ verb: "heal", link: "", oneWay: false });
    await Promise.all(
      this.members.map(async (member) => {
        await this.resume(member);
        await this.start(member);
      }),
    );
  }

  /** Whether all members serve and have met, at the latest after so many ms. */
  async isWhole(timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const whole = await Promise.all(this.members.map((member) => this.#hasMetAll(member)));
      if (whole.every(Boolean)) return true;
      if (performance.now() > untilMs) return false;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** What the supervisor reported of members that ended although nobody had asked them to. */
  deaths(): string[] {
    return this.#dev.said.split("\n").filter((line) => line.includes(" is gone: "));
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    await this.#dev.stop();
  }

  removeData(): void {
    remove(this.root);
  }

  /** Whether it was so: it may have been killed, paused or started already, where faults overlap. */
  async #do(verb: string, member: MemberId): Promise<boolean> {
    const { ok } = await this.#dev.ask({ verb, member: String(member) });
    return ok;
  }

  async #hasMetAll(member: MemberId): Promise<boolean> {
    const redis = new Redis(this.portOf(member), "127.0.0.1", {
      protocol: 2,
      lazyConnect: true,
      connectTimeout: STATUS_MS,
      commandTimeout: STATUS_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    redis.on("error", () => undefined);
    try {
      await redis.connect();
      return isWhole(JSON.parse(String(await redis.call("KV.ADMIN", "STATUS"))));
    } catch {
      return false;
    } finally {
      redis.disconnect();
    }
  }
}

async function startOnFreePorts(root: string, size: number): Promise<[DevProcess, number]> {
  let portBase: number | undefined;
  for (let tries = 1; ; tries++) {
    portBase = await freePortBase(size, portBase);
    try {
      return [await DevProcess.start(root, size, portBase), portBase];
    } catch (error) {
      if (!(error instanceof PortTaken) || tries >= START_TRIES) throw error;
    }
  }
}

function isWhole(status: unknown): boolean {
  if (typeof status !== "object" || status === null || !("state" in status && "peers" in status))
    return false;
  const { state, peers } = status;
  if (state !== "serving" || !Array.isArray(peers)) return false;
  return peers.every((peer: unknown) => {
    return typeof peer === "object" && peer !== null && "state" in peer && peer.state === "up";
  });
}

function remove(root: string): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
