/**
 * A member's trees, kept exact with every commit, also over crashes:
 *
 * - Before a slot changes whose sums are on disk, a mark goes to the disk that they are no longer those of the slot: it
 *   is appended before the record, so there is no change on disk without it.
 * - From time to time the sums of slots that are marked and at rest are written; that takes the mark away.
 * - After a start, sums on disk are taken as they are, and only the slots with a mark are read from the engine.
 *
 * A slot whose record was found damaged is read again, because nobody knows what was in its sum.
 */
import { assert } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES, bytesEqual } from "../base/bytes.ts";
import { Timer } from "../base/timer-wheel.ts";
import { utf8Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import { type Sum, newSum } from "../merkle/leaf-sums.ts";
import type { Topology } from "../model/topology.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { slotsOfPartition } from "../ring/placement.ts";
import { SLOTS } from "../ring/slot.ts";
import {
  metadataKey,
  slotOfRecordKey,
  slotOfTreeKey,
  successorOf,
  treeKey,
  treeSpace,
} from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import { changedRow, exactRow, sequenceOfRow, totalsOfRow } from "../storage/tree-row.ts";
import type { RecordWatcher } from "../storage/record-watcher.ts";
import type { Healer } from "../replica/record-merge.ts";
import { ForestScan } from "./forest-scan.ts";
import { CHANGED, SlotTrees, WORTHLESS, WRITTEN } from "./slot-trees.ts";

export interface ForestParts {
  readonly storage: Storage;
  readonly timers: Timers;
  /** Starts of this member, this one too. */
  readonly lives: number;
  readonly limits: Limits;
  readonly topology: Topology;
  /** The cluster's, so that all members have the same digests. */
  readonly seed: number;
  readonly store: () => RecordStore;
  readonly healer: () => Healer;
}

/** Of the slots of a partition that are known: keys with a record, deleted ones too, and the bytes of both. */
export interface PartitionSize {
  readonly slots: number;
  readonly slotsKnown: number;
  readonly keys: number;
  readonly bytes: number;
}

/**
 * Says that what has no row has no records, from which sequence on rows are to be believed (u64), what sequences are
 * made of (once clocks, which a restart may set back), and which digests the sums are made of.
 */
const MARKER_KEY = metadataKey("trees");
const MARKER_TAG = 0;
const ROWS_TAG = 1;
const PAGE_ROWS = 1_000;
const PAGE_BYTES = 1024 * 1024;
/** Rows of sums that are written in one turn. */
const WRITTEN_MAX = 256;
const WRITE_AGAIN_MS = 10;
/** Room for 1,000 rows a second for two years, and for 131,072 lives. */
const SEQUENCES_OF_LIFE = 2 ** 36;

export class Forest extends Timer implements RecordWatcher, StorageUser {
  readonly trees: SlotTrees;
  readonly #parts: ForestParts;
  /** Of the digests that sums are made of. */
  readonly #signature: Bytes;
  readonly #scan: ForestScan;
  /** Rows on disk were read, or found to be worthless: from now on what is exact says so. */
  #isLoaded = false;
  /** On disk, what has no row has no records. */
  #isMarked = false;
  /** Rows with a lower sequence are not to be believed. */
  #era = 0;
  /** Slots whose row says nothing, while rows are read. */
  readonly #unknown = new Set<number>();
  #sequence = 0;
  /** Where the next writing of sums begins. */
  #next = 0;

  constructor(parts: ForestParts) {
    super();
    this.#parts = parts;
    this.trees = new SlotTrees(parts.topology, parts.seed);
    this.#signature = utf8Encode(`lives ${parts.seed} ${this.trees.homesOfRank.join(",")}`);
    this.#scan = new ForestScan(parts, this.trees, () => this.#onScanned());
  }

  start(): void {
    this.#parts.storage.get(MARKER_KEY, this, MARKER_TAG);
    this.#parts.timers.after(this, this.#parts.limits.treeWriteEveryMs);
  }

  onAppending(storageKey: Bytes): void {
    const slot = slotOfRecordKey(storageKey);
    const { pending, changed } = this.trees;
    pending[slot] = (pending[slot] ?? 0) + 1;
    if (changed[slot] === CHANGED) return;
    changed[slot] = CHANGED;
    this.#put(slot, changedRow(this.#nextSequence()));
  }

  onAppended(storageKey: Bytes, before: Bytes | null, after: Bytes | null): void {
    const { pending, exact } = this.trees;
    const slot = slotOfRecordKey(storageKey);
    pending[slot] = (pending[slot] ?? 0) - 1;
    if (before === after) return;
    // Before the rows are read it is a change of what they will say.
    if (exact[slot] === 1 || !this.#isLoaded) this.trees.change(storageKey, before, after);
    else this.#scan.onChanged(storageKey, before, after);
  }

  onDamaged(storageKey: Bytes): void {
    const slot = slotOfRecordKey(storageKey);
    this.trees.exact[slot] = 0;
    if (this.#isLoaded) this.#scan.again(slot);
  }

  /** Whether all slots of a partition are exact. */
  isExact(partition: number): boolean {
    const { first, last } = this.#slotsOf(partition);
    for (let slot = first; slot <= last; slot++) if (this.trees.exact[slot] !== 1) return false;
    return true;
  }

  /** The sum of all that a partition holds of namespaces whose keys have more than `position` homes. */
  sumOfPartition(partition: number, position: number): Sum {
    const sum = newSum();
    const { first, last } = this.#slotsOf(partition);
    for (let slot = first; slot <= last; slot++) this.trees.addSlot(slot, position, sum);
    return sum;
  }

  /** What this member holds of a partition, as far as its slots are exact. */
  sizeOf(partition: number): PartitionSize {
    const { exact, records, bytes } = this.trees;
    const { first, last } = this.#slotsOf(partition);
    const size = { slots: last - first + 1, slotsKnown: 0, keys: 0, bytes: 0 };
    for (let slot = first; slot <= last; slot++) {
      if (exact[slot] !== 1) continue;
      size.slotsKnown++;
      size.keys += records[slot] ?? 0;
      size.bytes += bytes[slot] ?? 0;
    }
    return size;
  }

  /** Slots whose sums are being found out. */
  get unknown(): number {
    return this.trees.unknown;
  }

  onRows(
    tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    if (tag === MARKER_TAG) this.#onMarker(error === null ? (values[0] ?? null) : null);
    else if (error !== null) this.#distrust();
    else this.#onPage(keys, values, more);
  }

  onStored(_tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
  }

  override onTimer(): void {
    const { timers, limits } = this.#parts;
    const isDone = this.#write();
    timers.after(this, isDone ? limits.treeWriteEveryMs : WRITE_AGAIN_MS);
  }

  #slotsOf(partition: number): { readonly first: number; readonly last: number } {
    return slotsOfPartition(partition, this.#parts.topology.preferenceLists.length);
  }

  #onMarker(marker: Bytes | null): void {
    const reader = new ByteReader(marker ?? EMPTY_BYTES);
    this.#era = reader.u64();
    if (!bytesEqual(reader.bytes(reader.left), this.#signature) || reader.failed) this.#distrust();
    else {
      this.#isMarked = true;
      this.#page(treeSpace().from);
    }
  }

  #page(from: Bytes): void {
    this.#parts.storage.range(from, treeSpace().to, PAGE_ROWS, PAGE_BYTES, this, ROWS_TAG);
  }

  #onPage(keys: readonly Bytes[], values: readonly (Bytes | null)[], more: boolean): void {
    for (const [i, key] of keys.entries()) this.#onRow(slotOfTreeKey(key), values[i] ?? null);
    const last = keys.at(-1);
    if (more && last !== undefined) {
      this.#page(successorOf(last));
      return;
    }
    this.trees.exact.fill(1);
    for (const slot of this.#unknown) this.trees.exact[slot] = 0;
    this.#begin();
  }

  #onRow(slot: number, row: Bytes | null): void {
    if (slot < 0 || slot >= SLOTS || row === null || (sequenceOfRow(row) ?? Infinity) < this.#era) return;
    const totals = totalsOfRow(row, this.trees.width);
    if (totals !== null) {
      this.trees.load(slot, totals);
      return;
    }
    this.#unknown.add(slot);
    this.trees.changed[slot] = CHANGED;
  }

  /** No row on disk is to be believed that is there by now. They need not go: the next marker is younger than they are. */
  #distrust(): void {
    const { changed, exact } = this.trees;
    this.#isMarked = false;
    this.#era = this.#nextSequence();
    exact.fill(0);
    for (let slot = 0; slot < SLOTS; slot++) if (changed[slot] !== CHANGED) changed[slot] = WORTHLESS;
    this.#begin();
  }

  #begin(): void {
    this.#isLoaded = true;
    this.#unknown.clear();
    this.#scan.start();
  }

  #onScanned(): void {
    this.#parts.timers.after(this, WRITE_AGAIN_MS);
  }

  /** Writes the sums of slots at rest, some of them; true when it has come round. */
  #write(): boolean {
    if (!this.#isLoaded) return true;
    const { changed, exact, pending, flawed } = this.trees;
    for (let written = 0; written < WRITTEN_MAX && this.#next < SLOTS; this.#next++) {
      const slot = this.#next;
      if (changed[slot] === WRITTEN || exact[slot] === 0 || pending[slot] !== 0) continue;
      if (flawed[slot] === 1) {
        exact[slot] = 0;
        this.#scan.again(slot);
        continue;
      }
      const needsRow = changed[slot] === CHANGED || this.trees.sums(slot) !== null;
      changed[slot] = WRITTEN;
      // Where there never was a record there need not be a row.
      if (!needsRow) continue;
      this.#put(slot, exactRow(this.#nextSequence(), this.trees.totals(slot)));
      written++;
    }
    if (this.#next < SLOTS) return false;
    this.#next = 0;
    this.#mark();
    return true;
  }

  #put(slot: number, row: Bytes): void {
    this.#parts.storage.append(treeKey(slot), row, "os", this, 0);
  }

  /** Higher than those of earlier lives, whatever has become of the clock. */
  #nextSequence(): number {
    return this.#parts.lives * SEQUENCES_OF_LIFE + ++this.#sequence;
  }

  /** Once every slot that needs one has a row that is to be believed, what has none has no records. */
  #mark(): void {
    if (this.#isMarked || this.unknown > 0 || this.trees.changed.includes(WORTHLESS)) return;
    this.#isMarked = true;
    const writer = new ByteWriter(8 + this.#signature.length);
    writer.u64(this.#era);
    writer.bytes(this.#signature);
    this.#parts.storage.append(MARKER_KEY, writer.copy(), "os", this, 0);
  }
}
