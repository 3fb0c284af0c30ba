/**
 * Finds out the sums of slots by reading their records from the engine, a page at a time, while records go on changing:
 *
 * - What has changed behind the place that was reached is added and taken away as ever. What changes before it will be
 *   read later.
 * - What completes while a page is under way may be in the page or not. So it is kept in hand, and goes before what the
 *   page says. What the page shows and has not completed is in memory, and memory says what is committed.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, compareBytes, copyBytes } from "../base/bytes.ts";
import { Timer } from "../base/timer-wheel.ts";
import { latin1Decode } from "../base/utf8.ts";
import type { Timers } from "../control/timers.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { SLOTS } from "../ring/slot.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { isRecordKey, slotOfRecordKey, slotStart, successorOf } from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import { isRecord } from "../version/record.ts";
import type { Healer } from "../replica/record-merge.ts";
import type { SlotTrees } from "./slot-trees.ts";

export interface ForestScanParts {
  readonly storage: Storage;
  readonly timers: Timers;
  readonly store: () => RecordStore;
  readonly healer: () => Healer;
}

const PAGE_ROWS = 512;
const PAGE_BYTES = 1024 * 1024;
/** Between two pages, so that requests come first. */
const PAUSE_MS = 1;
/** After a finding of damage: there may be more, and the same may be found again and again. */
const DAMAGED_MS = 100;
/** After a page that could not be read. */
const AGAIN_MS = 1_000;

interface Change {
  readonly key: Bytes;
  after: Bytes | null;
}

export class ForestScan extends Timer implements StorageUser, RecordUser {
  readonly #parts: ForestScanParts;
  readonly #trees: SlotTrees;
  readonly #ended: () => void;
  /** The next key to be read; null: nothing is to be found out. */
  #from: Bytes | null = null;
  /** The run of unknown slots that is being read ends before this one. */
  #until = 0;
  /** Names the page under way; 0: none is. */
  #page = 0;
  #pages = 0;
  #seeks = 0;
  /** What has completed while the page is under way, by key. */
  readonly #meanwhile = new Map<string, Change>();

  /** `ended` is called whenever everything is known. */
  constructor(parts: ForestScanParts, trees: SlotTrees, ended: () => void) {
    super();
    this.#parts = parts;
    this.#trees = trees;
    this.#ended = ended;
  }

  /** Reads all slots that are not exact. */
  start(): void {
    this.#seek(0);
  }

  /** A slot is to be read, perhaps once more: soon, or when the run that is under way has passed it. */
  again(slot: number): void {
    if (this.#from === null) this.#parts.timers.after(this, DAMAGED_MS);
    else if (slot === slotOfRecordKey(this.#from)) this.#seek(slot, DAMAGED_MS);
  }

  /** A change in a slot that is not exact. */
  onChanged(key: Bytes, before: Bytes | null, after: Bytes | null): void {
    if (this.#from === null) return;
    const slot = slotOfRecordKey(key);
    if (slot >= this.#until) return;
    if (compareBytes(key, this.#from) < 0) {
      if (slot === slotOfRecordKey(this.#from)) this.#trees.change(key, before, after);
    } else if (this.#page > 0) this.#meanwhile.set(latin1Decode(key), { key, after });
  }

  override onTimer(): void {
    if (this.#from === null) this.#seek(0);
    else this.#read();
  }

  onRows(
    page: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    if (page !== this.#page || this.#from === null) return;
    this.#page = 0;
    if (error !== null) {
      this.#meanwhile.clear();
      this.#parts.timers.after(this, AGAIN_MS);
      return;
    }
    const last = keys.at(-1);
    const next = more && last !== undefined ? successorOf(last) : slotStart(this.#until);
    const seeks = this.#seeks;
    for (const [i, key] of keys.entries()) {
      this.#add(key, values[i] ?? null);
      // Looking at one key may take a damaged one out of memory: then its slot begins anew, and this page is void.
      if (this.#seeks !== seeks) return;
    }
    for (const { key, after } of this.#meanwhile.values())
      if (compareBytes(key, next) < 0) this.#trees.change(key, null, after);
    this.#meanwhile.clear();
    this.#reach(next);
  }

  onStored(): void {
    assert(false, "a scan appends nothing");
  }

  /** The store has looked at a record that looked damaged. Now it is known, and its slot is read once more. */
  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damaged) this.#parts.healer().heal(entry, null);
    const slot = slotOfRecordKey(entry.key);
    this.#trees.exact[slot] = 0;
    this.again(slot);
  }

  onCommitted(): void {
    assert(false, "a scan appends nothing");
  }

  /** Goes on at the first slot from this one on that is not exact, after a while. */
  #seek(slot: number, pauseMs = 0): void {
    this.#seeks++;
    const { exact } = this.#trees;
    this.#page = 0;
    this.#meanwhile.clear();
    let first = slot;
    while (first < SLOTS && exact[first] === 1) first++;
    if (first === SLOTS) {
      this.#end();
      return;
    }
    let until = first + 1;
    while (until < SLOTS && exact[until] === 0) until++;
    for (let each = first; each < until; each++) {
      this.#trees.clear(each);
      this.#trees.flawed[each] = 0;
    }
    this.#until = until;
    this.#from = slotStart(first);
    if (pauseMs > 0) this.#parts.timers.after(this, pauseMs);
    else this.#read();
  }

  /** Once through. What was found damaged behind the place reached is read again, but not at once: it may stay so. */
  #end(): void {
    this.#from = null;
    if (this.#trees.exact.includes(0)) this.#parts.timers.after(this, DAMAGED_MS);
    else this.#ended();
  }

  #read(): void {
    if (this.#from === null || this.#page > 0) return;
    this.#page = ++this.#pages;
    this.#parts.storage.range(this.#from, slotStart(this.#until), PAGE_ROWS, PAGE_BYTES, this, this.#page);
  }

  #add(key: Bytes, stored: Bytes | null): void {
    if (!isRecordKey(key) || this.#meanwhile.has(latin1Decode(key))) return;
    const entry = this.#parts.store().peek(key);
    const isKnown = entry !== null && entry.loaded;
    if (isKnown ? entry.damaged : stored !== null && !isRecord(stored))
      this.#trees.flawed[slotOfRecordKey(key)] = 1;
    if (isKnown) this.#trees.change(key, null, entry.committed);
    else if (stored !== null && isRecord(stored)) this.#trees.change(key, null, stored);
    else if (stored !== null) this.#parts.store().withEntry(copyBytes(key), false, this, 0);
  }

  /** All before this key is known. */
  #reach(next: Bytes): void {
    if (this.#from === null) return;
    const slot = slotOfRecordKey(next);
    for (let done = slotOfRecordKey(this.#from); done < slot; done++) this.#trees.exact[done] = 1;
    this.#from = next;
    if (slot >= this.#until) this.#seek(slot);
    else this.#parts.timers.after(this, PAUSE_MS);
  }
}
