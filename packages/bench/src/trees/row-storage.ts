/**
 * A storage in memory over rows that two members share until they change them: a million records twice would be much
 * memory. What is asked is answered when it is pumped.
 */
import {
  assert,
  bytesEqual,
  compareBytes,
  isRecordKey,
  type Bytes,
  type Durability,
  type Storage,
  type StorageSizes,
  type StorageUser,
} from "@kvorum/core";
import { firstFrom, type FilledRows } from "./filled-rows.ts";

const NOTHING: StorageSizes = {
  journalBytes: 0,
  journalSegments: 0,
  queuedAppends: 0,
  rounds: 0,
  syncs: 0,
  engineLag: 0,
};

export class RowStorage implements Storage {
  readonly #keys: readonly Bytes[];
  /** This member's own, by the place of the key. */
  readonly #records: Bytes[];
  /** What are no records, by latin1 text. */
  readonly #others = new Map<string, Bytes>();
  #queue: (() => void)[] = [];

  constructor({ keys, records }: FilledRows) {
    this.#keys = keys;
    this.#records = [...records];
  }

  append(key: Bytes, value: Bytes | null, _durability: Durability, user: StorageUser, tag: number): void {
    this.#queue.push(() => {
      this.#set(key, value);
      user.onStored(tag, null);
    });
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.#queue.push(() => user.onRows(tag, null, [key], [this.#get(key)], false));
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: StorageUser, tag: number): void {
    this.#queue.push(() => {
      // A range may begin at the start of a slot, which is shorter than any key.
      const { keys, values, more } =
        from[0] === this.#keys[0]?.[0]
          ? this.#recordsOf(from, to, rowsMax, bytesMax)
          : this.#othersOf(from, to, rowsMax);
      user.onRows(tag, null, keys, values, more);
    });
  }

  deleteRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void {
    this.#queue.push(() => {
      for (const key of this.#othersOf(from, to, Infinity).keys) this.#others.delete(textOf(key));
      user.onStored(tag, null);
    });
  }

  flush(user: StorageUser, tag: number): void {
    this.#queue.push(() => user.onStored(tag, null));
  }

  onTurnEnd(): void {
    // Everything waits for the pump.
  }

  sizes(): StorageSizes {
    return NOTHING;
  }

  /** Whether there was anything to answer. */
  pump(): boolean {
    const queue = this.#queue;
    this.#queue = [];
    for (const answer of queue) answer();
    return queue.length > 0;
  }

  #get(key: Bytes): Bytes | null {
    if (!isRecordKey(key)) return this.#others.get(textOf(key)) ?? null;
    const at = firstFrom(this.#keys, key);
    const found = this.#keys[at];
    return found !== undefined && bytesEqual(found, key) ? (this.#records[at] ?? null) : null;
  }

  #set(key: Bytes, value: Bytes | null): void {
    if (!isRecordKey(key)) {
      if (value === null) this.#others.delete(textOf(key));
      else this.#others.set(textOf(key), value);
      return;
    }
    assert(value !== null && this.#get(key) !== null, "records of keys that are there are replaced");
    this.#records[firstFrom(this.#keys, key)] = value;
  }

  #recordsOf(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number): Page {
    const first = firstFrom(this.#keys, from);
    const keys: Bytes[] = [];
    const values: Bytes[] = [];
    let bytes = 0;
    for (let at = first; at < this.#keys.length; at++) {
      const key = this.#keys[at];
      const record = this.#records[at];
      if (key === undefined || record === undefined || compareBytes(key, to) >= 0) break;
      if (keys.length === rowsMax || bytes >= bytesMax) return { keys, values, more: true };
      keys.push(key);
      values.push(record);
      bytes += key.length + record.length;
    }
    return { keys, values, more: false };
  }

  #othersOf(from: Bytes, to: Bytes, rowsMax: number): Page {
    const [low, high] = [textOf(from), textOf(to)];
    const names = [...this.#others.keys()].filter((name) => name >= low && name < high).toSorted(byBytes);
    const page = names.slice(0, rowsMax);
    return {
      keys: page.map((name) => Buffer.from(name, "latin1")),
      values: page.map((name) => this.#others.get(name) ?? null),
      more: names.length > page.length,
    };
  }
}

interface Page {
  readonly keys: Bytes[];
  readonly values: (Bytes | null)[];
  readonly more: boolean;
}

function textOf(key: Bytes): string {
  return Buffer.from(key).toString("latin1");
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
