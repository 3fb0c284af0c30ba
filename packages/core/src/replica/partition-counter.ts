/**
 * Counts the keys with a live value in some partitions of this member, a page of the engine at a time: what is
 * committed here, and no other home is asked. Going through a large namespace is much work, so it ends at the first
 * page that nobody waits for any more.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import type { SlotRange } from "../ring/placement.ts";
import { namespaceOfRecordKey, slotStart, successorOf } from "../storage/keyspace.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { HybridClock } from "../version/hlc.ts";
import { hasLive, isRecord } from "../version/record.ts";
import type { Healer } from "./record-merge.ts";

const PAGE_ROWS = 1_000;
const PAGE_BYTES = 1024 * 1024;
/** Damaged records that one count has replaced; the next count finds the others. */
const HEALED_MAX = 64;

export interface CounterParts {
  readonly clock: HybridClock;
  readonly storage: Storage;
  readonly store: RecordStore;
  readonly healer: Healer;
}

export interface CounterUser {
  /** Whether the number is still waited for. */
  isWanted(): boolean;
  /**
   * `DAMAGED`: some of the range could not be read, or a record in it is damaged, so nobody knows. `TIMEOUT`: the
   * deadline has passed. Called also when the number is not wanted any more.
   */
  onCountEnd(code: OutcomeCode, keys: number): void;
}

export class PartitionCounter implements StorageUser, RecordUser {
  readonly #parts: CounterParts;
  readonly #namespace: NamespaceId;
  readonly #nowMs: number;
  readonly #deadline: number;
  readonly #ranges: readonly SlotRange[];
  readonly #user: CounterUser;
  #range = 0;
  #keys = 0;
  #damaged = 0;

  /** `deadline`: a clock, as it travels in frames. */
  constructor(
    parts: CounterParts,
    namespace: NamespaceId,
    deadline: number,
    ranges: readonly SlotRange[],
    user: CounterUser,
  ) {
    this.#parts = parts;
    this.#namespace = namespace;
    this.#nowMs = parts.clock.nowMs();
    this.#deadline = deadline;
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
      this.#count(key, value);
    }
    const last = keys.at(-1);
    if (error !== null) this.#user.onCountEnd("DAMAGED", 0);
    else if (more && last !== undefined) this.#page(last);
    else {
      this.#range++;
      this.#page(null);
    }
  }

  /** The store has looked at a record that looked damaged, and knows whether it is: what it knows, writes wait for. */
  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damaged) this.#parts.healer.heal(entry, null);
  }

  onCommitted(): void {
    assert(false, "a counter appends nothing");
  }

  onStored(): void {
    assert(false, "a counter appends nothing");
  }

  /** What memory knows of a key goes before what the engine showed: that may not be committed yet. */
  #count(key: Bytes, stored: Bytes): void {
    const entry = this.#parts.store.peek(key);
    const isKnown = entry !== null && entry.loaded;
    if (isKnown ? entry.damaged : !isRecord(stored)) {
      if (this.#damaged++ < HEALED_MAX) this.#parts.store.withEntry(copyBytes(key), false, this, 0);
    } else if (hasLive(isKnown ? entry.committed : stored, this.#nowMs)) this.#keys++;
  }

  /** The next page: after a key, or from the start of the current range. */
  #page(after: Bytes | null): void {
    const range = this.#ranges[this.#range];
    if (range === undefined) {
      if (this.#damaged > 0) this.#user.onCountEnd("DAMAGED", 0);
      else this.#user.onCountEnd("OK", this.#keys);
      return;
    }
    if (!this.#user.isWanted() || this.#parts.clock.reading() > this.#deadline) {
      this.#user.onCountEnd("TIMEOUT", 0);
      return;
    }
    const from = after === null ? slotStart(range.first) : successorOf(after);
    this.#parts.storage.range(from, slotStart(range.last + 1), PAGE_ROWS, PAGE_BYTES, this, 0);
  }
}
