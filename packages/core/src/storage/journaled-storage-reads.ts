/**
 * The reads of a JournaledStorage. Point reads are collected and sent together, one engine call per turn. When such
 * a call fails, its keys are asked for again one by one, so that one damaged block of the engine does not make
 * healthy keys look damaged.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Engine, EngineError, EngineUser } from "../ports/engine.ts";
import type { StorageUser } from "../ports/storage.ts";

/** Where answers stop when the storage has failed. */
export interface ReadGate {
  readonly hasFailed: boolean;
}

class PointBatch {
  readonly keys: Bytes[] = [];
  readonly users: StorageUser[] = [];
  readonly tags: number[] = [];

  add(key: Bytes, user: StorageUser, tag: number): void {
    this.keys.push(key);
    this.users.push(user);
    this.tags.push(tag);
  }

  clear(): void {
    this.keys.length = 0;
    this.users.length = 0;
    this.tags.length = 0;
  }
}

export class PointReads implements EngineUser {
  readonly #engine: Engine;
  readonly #gate: ReadGate;
  #filling = new PointBatch();
  readonly #spare: PointBatch[] = [];
  /** By tag of the engine call. */
  readonly #sent: (PointBatch | null)[] = [];
  readonly #freeTags: number[] = [];
  /** Lent to users, one answer at a time. */
  readonly #oneKey: Bytes[] = [];
  readonly #oneValue: (Bytes | null)[] = [];

  constructor(engine: Engine, gate: ReadGate) {
    this.#engine = engine;
    this.#gate = gate;
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.#filling.add(key, user, tag);
  }

  /** Sends what has been collected. */
  send(): void {
    const batch = this.#filling;
    if (batch.keys.length === 0) return;
    this.#filling = this.#spare.pop() ?? new PointBatch();
    this.#ask(batch);
  }

  onEngine(): void {
    // Reads are answered by rows.
  }

  onRows(
    tag: number,
    error: EngineError | null,
    _keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    const batch = this.#sent[tag] ?? null;
    this.#sent[tag] = null;
    this.#freeTags.push(tag);
    if (batch === null || this.#gate.hasFailed) return;
    if (error !== null && batch.keys.length > 1) this.#askOneByOne(batch);
    else this.#answer(batch, error, values);
    batch.clear();
    this.#spare.push(batch);
  }

  #ask(batch: PointBatch): void {
    const tag = this.#freeTags.pop() ?? this.#sent.length;
    this.#sent[tag] = batch;
    this.#engine.getMany(batch.keys, this, tag);
  }

  #askOneByOne(batch: PointBatch): void {
    for (let i = 0; i < batch.keys.length; i++) {
      const key = batch.keys[i];
      const user = batch.users[i];
      if (key === undefined || user === undefined) continue;
      const single = this.#spare.pop() ?? new PointBatch();
      single.add(key, user, batch.tags[i] ?? 0);
      this.#ask(single);
    }
  }

  #answer(batch: PointBatch, error: EngineError | null, values: readonly (Bytes | null)[]): void {
    for (let i = 0; i < batch.keys.length; i++) {
      const key = batch.keys[i];
      if (key === undefined) continue;
      this.#oneKey[0] = key;
      this.#oneValue[0] = values[i] ?? null;
      batch.users[i]?.onRows(batch.tags[i] ?? 0, error, this.#oneKey, this.#oneValue, false);
    }
  }
}

interface Asker {
  readonly user: StorageUser;
  readonly tag: number;
}

export class RangeReads implements EngineUser {
  readonly #engine: Engine;
  readonly #gate: ReadGate;
  readonly #askers = new Map<number, Asker>();
  #nextTag = 0;

  constructor(engine: Engine, gate: ReadGate) {
    this.#engine = engine;
    this.#gate = gate;
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: StorageUser, tag: number): void {
    const engineTag = this.#nextTag++;
    this.#askers.set(engineTag, { user, tag });
    this.#engine.range(from, to, rowsMax, bytesMax, this, engineTag);
  }

  onEngine(): void {
    // Reads are answered by rows.
  }

  onRows(
    tag: number,
    error: EngineError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    const asker = this.#askers.get(tag);
    this.#askers.delete(tag);
    if (asker === undefined || this.#gate.hasFailed) return;
    asker.user.onRows(asker.tag, error, keys, values, more);
  }
}
