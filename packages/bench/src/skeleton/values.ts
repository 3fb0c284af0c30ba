/** The values of one skeleton: a cache in memory as large as a member's, above the engine. */
import type { Engine, EngineError, EngineUser } from "@kvorum/core";

/** As `limits.valueCacheBytesMax`. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;
const ENTRY_COST_BYTES = 100;

export interface ValueUser {
  /** Null: absent. May be called at once. */
  onValue(tag: number, value: Uint8Array | null): void;
}

export class Values implements EngineUser {
  readonly #engine: Engine;
  readonly #cache = new Map<string, Buffer>();
  #cacheBytes = 0;
  #keys: Buffer[] = [];
  #users: ValueUser[] = [];
  #tags: number[] = [];
  readonly #asked = new Map<number, { readonly users: ValueUser[]; readonly tags: number[] }>();
  #lastTag = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The value is copied. The oldest go when there are too many. */
  put(key: Buffer, value: Buffer): void {
    const name = key.toString("latin1");
    this.#forget(name);
    this.#cache.set(name, Buffer.from(value));
    this.#cacheBytes += ENTRY_COST_BYTES + value.length;
    for (const oldest of this.#cache.keys()) {
      if (this.#cacheBytes <= CACHE_BYTES_MAX) break;
      this.#forget(oldest);
    }
  }

  get(key: Buffer, user: ValueUser, tag: number): void {
    const value = this.#cache.get(key.toString("latin1"));
    if (value !== undefined) {
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
    _keys: readonly Uint8Array[],
    values: readonly (Uint8Array | null)[],
  ): void {
    if (error !== null) throw new Error(error.text);
    const asked = this.#asked.get(tag);
    this.#asked.delete(tag);
    asked?.users.forEach((user, at) => user.onValue(asked.tags[at] ?? 0, values[at] ?? null));
  }

  #forget(name: string): void {
    const old = this.#cache.get(name);
    if (old === undefined) return;
    this.#cache.delete(name);
    this.#cacheBytes -= ENTRY_COST_BYTES + old.length;
  }
}
