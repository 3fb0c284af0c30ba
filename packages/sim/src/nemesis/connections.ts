/** Clients' connections to the members: one for each pair, as separate programs would have them. */
import type { MemberId } from "@kvorum/core";
import { Redis } from "ioredis";
import { sleep } from "./sleep.ts";
import { ErrorReply, NotSent, type Wire, type Word } from "./wire.ts";

const RETRY_MS = 50;
const CONNECT_MS = 2_000;

export interface ConnectionsParts {
  readonly members: readonly MemberId[];
  readonly portOf: (member: MemberId) => number;
  readonly wasHeldUp: (member: MemberId, sinceUs: number) => boolean;
}

export class Connections implements Wire {
  readonly #parts: ConnectionsParts;
  readonly #open = new Map<string, Redis>();

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** Begins to connect a client to all members, and goes on trying. */
  open(client: number): void {
    for (const member of this.#parts.members) {
      const redis = new Redis(this.#parts.portOf(member), "127.0.0.1", {
        protocol: 2,
        // Who has hung up is back at once.
        retryStrategy: (times) => (times > 1 ? RETRY_MS : 1),
        connectTimeout: CONNECT_MS,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
        enableReadyCheck: false,
        autoResendUnfulfilledCommands: false,
        disableClientInfo: true,
      });
      // What goes wrong is told by the requests.
      redis.on("error", () => undefined);
      this.#open.set(nameOf(client, member), redis);
    }
  }

  /** Resolves to whether the client is connected to every member, within that time. */
  async isReady(client: number, timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    const all = this.#parts.members.map((member) => this.#open.get(nameOf(client, member)));
    while (!all.every((redis) => redis?.status === "ready")) {
      if (performance.now() > untilMs) return false;
      await sleep(RETRY_MS);
    }
    return true;
  }

  send(
    client: number,
    member: MemberId,
    [name, ...rest]: readonly [string, ...Word[]],
  ): Promise<unknown> | null {
    const redis = this.#open.get(nameOf(client, member));
    if (redis === undefined || redis.status !== "ready") return null;
    return redis.callBuffer(name, ...rest).catch((error: unknown) => {
      const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
      if (kind === "ReplyError") throw new ErrorReply(message);
      if (message.startsWith("Stream isn't writeable")) throw new NotSent(message);
      throw new Error(message);
    });
  }

  hangUp(client: number, member: MemberId): void {
    this.#open.get(nameOf(client, member))?.disconnect(true);
  }

  wasHeldUp(member: MemberId, sinceUs: number): boolean {
    return this.#parts.wasHeldUp(member, sinceUs);
  }

  close(client: number): void {
    for (const member of this.#parts.members) {
      const name = nameOf(client, member);
      this.#open.get(name)?.disconnect();
      this.#open.delete(name);
    }
  }

  closeAll(): void {
    for (const redis of this.#open.values()) redis.disconnect();
    this.#open.clear();
  }
}

function nameOf(client: number, member: MemberId): string {
  return `${client}@${member}`;
}
