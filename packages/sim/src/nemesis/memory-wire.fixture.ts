/** Members that are a map: one copy of each key that is always right, to try the harness itself on. */
import type { MemberId } from "@kvorum/core";
import { ErrorReply, type Wire, type Word } from "./wire.ts";

interface Version {
  readonly number: number;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
}

type Words = readonly [string, ...Word[]];

const HOMES = [1, 2, 3];

export class MemoryWire implements Wire {
  readonly #records = new Map<string, Version[]>();
  #numbers = 0;
  /** Instead of an answer, for the next command. */
  next: "error" | "lost" | "silence" | "refused" | "garbage" | null = null;
  errorText = "";
  heldUp = false;
  hangUps = 0;

  send(_client: number, _member: MemberId, words: Words): Promise<unknown> | null {
    const { next } = this;
    this.next = null;
    if (next === "refused") return null;
    if (next === "silence") return new Promise(() => undefined);
    if (next === "error") return Promise.reject(new ErrorReply(this.errorText));
    if (next === "lost") return Promise.reject(new Error("Connection is closed."));
    if (next === "garbage") return Promise.resolve([Buffer.from("what"), 1]);
    try {
      return Promise.resolve(this.#answer(words));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  hangUp(): void {
    this.hangUps++;
  }

  wasHeldUp(): boolean {
    return this.heldUp;
  }

  #answer([command, name = "", ...rest]: Words): unknown {
    const key = String(name);
    if (command === "KV.GET") return this.#get(key);
    const isPut = command === "KV.PUT";
    const value = isPut ? Buffer.from(rest[0] ?? "") : null;
    const at = rest.indexOf("CONTEXT");
    return this.#write(key, value, at < 0 ? null : String(rest[at + 1]));
  }

  #get(key: string): unknown {
    const versions = this.#records.get(key) ?? [];
    const live = versions.filter(({ value }) => value !== null);
    return map({
      versions: live.map(({ value }) => map({ value, dot: Buffer.from("1.1.1") })),
      tombstones: versions.length - live.length,
      context: token(key, versions),
      receipt: map({ r: 2, answered: HOMES }),
    });
  }

  #write(key: string, value: Buffer | null, context: string | null): unknown {
    const versions = this.#records.get(key) ?? [];
    const covered = context === null ? null : numbersOf(key, context);
    const kept = covered === null ? [] : versions.filter(({ number }) => !covered.includes(number));
    if (value === null && versions.length === 0) return map({ existed: 0, receipt: null });
    const version = { number: ++this.#numbers, value };
    this.#records.set(key, [...kept, version]);
    const receipt = map({ context: token(key, [version]), homes: HOMES, fallbacks: [] });
    return value === null ? map({ existed: 1, receipt }) : receipt;
  }
}

function token(key: string, versions: readonly Version[]): Buffer {
  return Buffer.from([key, ...versions.map(({ number }) => String(number))].join("|"));
}

/** The versions that a token covers; an empty one covers none. */
function numbersOf(key: string, context: string): number[] {
  const [of = "", ...numbers] = context.split("|");
  if (of !== "" && of !== key) throw new ErrorReply("BADCONTEXT this context is not one of this key");
  return numbers.map(Number);
}

function map(fields: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(fields).flatMap(([name, value]) => [Buffer.from(name), value]);
}

/** Acknowledges every so manieth put without sending it, in the words of the put before. */
export class LosingWire implements Wire {
  readonly #wire: Wire;
  readonly #loseEvery: number;
  #puts = 0;
  #receipt: unknown = null;

  constructor(wire: Wire, loseEvery: number) {
    this.#wire = wire;
    this.#loseEvery = loseEvery;
  }

  send(client: number, member: MemberId, words: Words): Promise<unknown> | null {
    if (words[0] !== "KV.PUT") return this.#wire.send(client, member, words);
    if (++this.#puts % this.#loseEvery === 0 && this.#receipt !== null) return Promise.resolve(this.#receipt);
    const reply = this.#wire.send(client, member, words);
    return reply === null ? null : reply.then((receipt) => (this.#receipt = receipt));
  }

  hangUp(client: number, member: MemberId): void {
    this.#wire.hangUp(client, member);
  }

  wasHeldUp(member: MemberId, sinceUs: number): boolean {
    return this.#wire.wasHeldUp(member, sinceUs);
  }
}
