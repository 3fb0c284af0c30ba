/** Counts the keys with a live value in some partitions of this member, a page of the engine at a time. */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import type { SlotRange } from "../ring/placement.ts";
import { namespaceOfRecordKey, slotStart, successorOf } from "../storage/keyspace.ts";
import { hasLive, isRecord } from "../version/record.ts";

const PAGE_ROWS = 1_000;
const PAGE_BYTES = 1024 * 1024;

export interface CounterUser {
  /** Null: some of the range could not be read, so nobody knows. */
  onCountEnd(keys: number | null): void;
}

export class PartitionCounter implements StorageUser {
  readonly #storage: Storage;
  readonly #namespace: NamespaceId;
  readonly #nowMs: number;
  readonly #ranges: readonly SlotRange[];
  readonly #user: CounterUser;
  #range = 0;
  #keys = 0;

  constructor(
    storage: Storage,
    namespace: NamespaceId,
    nowMs: number,
    ranges: readonly SlotRange[],
    user: CounterUser,
  ) {
    this.#storage = storage;
    this.#namespace = namespace;
    this.#nowMs = nowMs;
    this.#ranges = ranges;
    this.#user = user;
  }

  start(): void {
    this.#page(null);
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    for (let i = 0; i < keys.length; i++) {
      const value = values[i] ?? null;
      const key = keys[i];
      if (key === undefined || value === null || namespaceOfRecordKey(key) !== this.#namespace) continue;
      if (isRecord(value) && hasLive(value, this.#nowMs)) this.#keys++;
    }
    const last = keys.at(-1);
    if (error !== null) this.#user.onCountEnd(null);
    else if (more && last !== undefined) this.#page(last);
    else {
      this.#range++;
      this.#page(null);
    }
  }

  onStored(): void {
    assert(false, "a counter appends nothing");
  }

  /** The next page: after a key, or from the start of the current range. */
  #page(after: Bytes | null): void {
    const range = this.#ranges[this.#range];
    if (range === undefined) {
      this.#user.onCountEnd(this.#keys);
      return;
    }
    const from = after === null ? slotStart(range.first) : successorOf(after);
    this.#storage.range(from, slotStart(range.last + 1), PAGE_ROWS, PAGE_BYTES, this, 0);
  }
}
