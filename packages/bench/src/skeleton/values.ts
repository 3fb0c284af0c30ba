/** The values of one skeleton: a cache in memory as large as a member's, above the engine. */
import type { Engine, EngineError, EngineUser } from "@kvorum/core";
import { ValueCache } from "./value-cache.ts";

/** As `limits.valueCacheBytesMax`. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;

export interface ValueUser {
  /** Null: absent. May be called at once; the value is lent until the request has been answered. */
  onValue(tag: number, value: Uint8Array | null): void;
}

export class Values implements EngineUser {
  readonly #engine: Engine;
  readonly #cache = new ValueCache(CACHE_BYTES_MAX);
  #keys: Buffer[] = [];
  #users: ValueUser[] = [];
  #tags: number[] = [];
  readonly #asked = new Map<number, { readonly users: ValueUser[]; readonly tags: number[] }>();
  #lastTag = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The value is copied. */
  put(key: Buffer, value: Buffer): void {
    this.#cache.put(key.toString("latin1"), value);
  }

  get(key: Buffer, user: ValueUser, tag: number): void {
    const value = this.#cache.get(key.toString("latin1"));
    if (value !== null) {
      user.onValue(tag, value);
      return;
    }
    this.#keys.push(key);
    this.#users.push(user);
    this.#tags.push(tag);
  }

  /** Sends the reads of this turn to the engine together. */
  onTurnEnd(): void {
    if (this.#keys.length === 0) return;
    const tag = ++this.#lastTag;
    this.#asked.set(tag, { users: this.#users, tags: this.#tags });
    this.#engine.getMany(this.#keys, this, tag);
    this.#keys = [];
    this.#users = [];
    this.#tags = [];
  }

  onEngine(): void {
    // The journal writes.
  }

  onRows(
    tag: number,
    error: EngineError | null,
    keys: readonly Uint8Array[],
    values: readonly (Uint8Array | null)[],
  ): void {
    if (error !== null) throw new Error(error.text);
    const asked = this.#asked.get(tag);
    this.#asked.delete(tag);
    values.forEach((value, at) => {
      if (value !== null) this.#cache.put(Buffer.from(keys[at] ?? []).toString("latin1"), value);
    });
    asked?.users.forEach((user, at) => user.onValue(asked.tags[at] ?? 0, values[at] ?? null));
  }
}
