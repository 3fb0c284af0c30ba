/**
 * The engine in memory, for the simulator and for tests. It forgets as a real one may: `remains` says what a power
 * cut leaves of it, which is everything up to the last flush and then as many of the later writes as asked for.
 *
 * When a call takes effect and is answered is up to the environment, which gets every answer through `defer`. A
 * read sees the writes answered before it was asked, and no more; so a user who forgets to wait is found out.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { Engine, EngineUser } from "../ports/engine.ts";
import { MemoryTable } from "./memory-engine-table.ts";

/**
 * Takes an answer and delivers it later, never inside the call itself. `operation` and `bytes` are what a
 * simulated delay may depend on. What is never delivered is as if the process had died before.
 */
export type Defer = (operation: string, bytes: number, deliver: () => void) => void;

export type MemoryRows = readonly (readonly [Bytes, Bytes])[];

type Write =
  | {
      readonly keys: readonly Bytes[];
      readonly values: readonly (Bytes | null)[];
      readonly user: EngineUser;
      readonly tag: number;
    }
  | { readonly from: Bytes; readonly to: Bytes; readonly user: EngineUser; readonly tag: number };

/** What one write replaced, for taking it back. */
interface Undo {
  readonly keys: Bytes[];
  readonly before: (Bytes | null)[];
}

interface PendingFlush {
  /** Writes called before the flush. */
  readonly covers: number;
  readonly user: EngineUser;
  readonly tag: number;
}

export class MemoryEngine implements Engine {
  readonly #defer: Defer;
  readonly #table = new MemoryTable();
  readonly #waiting: Write[] = [];
  /** By write, the oldest first, from the first one that no flush has covered. */
  #undos: Undo[] = [];
  #called = 0;
  #applied = 0;
  #changeCount = 0;
  #flushes: PendingFlush[] = [];

  /** `rows`: what an earlier engine left behind. */
  constructor(defer: Defer, rows: MemoryRows = []) {
    this.#defer = defer;
    for (const [key, value] of rows) this.#table.set(key, value);
  }

  get rowCount(): number {
    return this.#table.size;
  }

  /** Rises whenever what `remains` gives becomes different. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** Writes that a power cut now may take away. */
  get unflushedWrites(): number {
    return this.#undos.length;
  }

  /**
   * What is on disk after a power cut: everything flushed, and the first `kept` of the writes applied since. With
   * `Infinity`: what is there after the death of the process alone.
   */
  remains(kept: number): MemoryRows {
    const table = new MemoryTable();
    for (const [key, value] of this.#table) table.set(key, value);
    for (let i = this.#undos.length - 1; i >= kept; i--) {
      const undo = this.#undos[i];
      if (undo === undefined) continue;
      for (let k = undo.keys.length - 1; k >= 0; k--) {
        const key = undo.keys[k];
        if (key !== undefined) table.set(key, undo.before[k] ?? null);
      }
    }
    return [...table];
  }

  /** Damages a stored value as a disk may: one byte of it changes. False: there is none. */
  spoil(key: Bytes, at: number): boolean {
    const value = this.#table.get(key);
    if (value === null || value.length === 0) return false;
    const place = at % value.length;
    value[place] = (value[place] ?? 0) ^ 0x40;
    return true;
  }

  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void {
    let bytes = 0;
    for (let i = 0; i < keys.length; i++) bytes += (keys[i]?.length ?? 0) + (values[i]?.length ?? 0);
    this.#enqueue("engine-write", bytes, { keys, values, user, tag });
  }

  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    this.#enqueue("engine-delete-range", 0, { from, to, user, tag });
  }

  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void {
    const values: (Bytes | null)[] = [];
    let bytes = 0;
    for (const key of keys) {
      const value = this.#table.get(key);
      values.push(value === null ? null : copyBytes(value));
      bytes += value === null ? 0 : value.length;
    }
    this.#defer("engine-get", bytes, () => user.onRows(tag, null, keys, values, false));
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void {
    const keys: Bytes[] = [];
    const values: Bytes[] = [];
    let bytes = 0;
    let more = false;
    for (const [key, value] of this.#table.rows(from, to)) {
      if (keys.length > 0 && (keys.length >= rowsMax || bytes >= bytesMax)) {
        more = true;
        break;
      }
      keys.push(copyBytes(key));
      values.push(copyBytes(value));
      bytes += key.length + value.length;
    }
    this.#defer("engine-range", bytes, () => user.onRows(tag, null, keys, values, more));
  }

  flush(user: EngineUser, tag: number): void {
    const flush: PendingFlush = { covers: this.#called, user, tag };
    this.#defer("engine-flush", 0, () => {
      this.#flushes.push(flush);
      this.#endFlushes();
    });
  }

  #enqueue(operation: string, bytes: number, write: Write): void {
    this.#called++;
    this.#waiting.push(write);
    // Deliveries may come in any order; writes are applied in the order of the calls.
    this.#defer(operation, bytes, () => {
      const next = this.#waiting.shift();
      assert(next !== undefined, "each write is applied once");
      this.#apply(next);
      next.user.onEngine(next.tag, null);
      this.#endFlushes();
    });
  }

  #apply(write: Write): void {
    const undo: Undo = { keys: [], before: [] };
    if ("from" in write) {
      const doomed = [...this.#table.rows(write.from, write.to)];
      for (const [key] of doomed) this.#set(undo, key, null);
    } else {
      for (let i = 0; i < write.keys.length; i++) {
        const key = write.keys[i];
        const value = write.values[i] ?? null;
        if (key !== undefined) this.#set(undo, copyBytes(key), value === null ? null : copyBytes(value));
      }
    }
    this.#undos.push(undo);
    this.#applied++;
    this.#changeCount++;
  }

  #set(undo: Undo, key: Bytes, value: Bytes | null): void {
    undo.keys.push(key);
    undo.before.push(this.#table.set(key, value));
  }

  #endFlushes(): void {
    const flush = this.#flushes[0];
    if (flush === undefined || flush.covers > this.#applied) return;
    this.#flushes.shift();
    this.#changeCount++;
    const uncovered = this.#applied - flush.covers;
    if (this.#undos.length > uncovered) this.#undos = this.#undos.slice(this.#undos.length - uncovered);
    flush.user.onEngine(flush.tag, null);
    this.#endFlushes();
  }
}
