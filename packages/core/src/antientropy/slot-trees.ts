/**
 * The sums of the leaves of all slots, in memory, and how far each slot's are to be believed. Namespaces with another
 * number of homes have sums of their own (a *rank*), because two homes of a partition need not both be homes of all that
 * is in it: what two homes share is the sum of the ranks whose keys both have.
 */
import type { Bytes } from "../base/bytes.ts";
import { digestLanes, hash32 } from "../base/hash.ts";
import {
  LANES,
  LEAVES_PER_SLOT,
  type Sum,
  addTo,
  leafOfHash,
  newSum,
  takeFrom,
} from "../merkle/leaf-sums.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import { SLOTS } from "../ring/slot.ts";
import { hashOfRecordKey, namespaceOfRecordKey, slotOfRecordKey } from "../storage/keyspace.ts";
import type { SlotTotals } from "../storage/tree-row.ts";
import { headLength, recordLength } from "../version/record-layout.ts";

/** What is on disk of a slot's sums: them; a mark that they have changed since; or a row that nobody may believe. */
export const WRITTEN = 0;
export const CHANGED = 1;
export const WORTHLESS = 2;

const RANK_NUMBERS = LEAVES_PER_SLOT * LANES;

export class SlotTrees {
  readonly #seed: number;
  /** By slot; then by rank, leaf and lane. Null: all zero. */
  readonly #sums: (Sum | null)[] = new Array<Sum | null>(SLOTS).fill(null);
  /** By slot, 1: its sums are those of what is committed. */
  readonly exact = new Uint8Array(SLOTS);
  /** By slot: `WRITTEN`, `CHANGED` or `WORTHLESS`. */
  readonly changed = new Uint8Array(SLOTS);
  /** By slot, 1: its sums lack a record that could not be read. It may be sound when it is read again. */
  readonly flawed = new Uint8Array(SLOTS);
  /** By slot: records that are committed, tombstones too, and the bytes of these with their storage keys. */
  readonly records = new Float64Array(SLOTS);
  readonly bytes = new Float64Array(SLOTS);
  /** By slot: appends that have not completed. */
  readonly pending = new Uint32Array(SLOTS);
  readonly #rankOf = new Map<NamespaceId, number>();
  readonly #digest = newSum();
  /** Homes of a key in each rank, ascending. */
  readonly homesOfRank: readonly number[];

  constructor({ namespaces, replicas }: Topology, seed: number) {
    this.#seed = seed;
    const homes = namespaces.map(({ n }) => Math.min(n, replicas));
    this.homesOfRank = [...new Set(homes)].toSorted((a, b) => a - b);
    for (const [i, { id }] of namespaces.entries())
      this.#rankOf.set(id, this.homesOfRank.indexOf(homes[i] ?? 0));
  }

  /** How many numbers a slot's sums are. */
  get width(): number {
    return this.homesOfRank.length * RANK_NUMBERS;
  }

  /** Slots whose sums are not known. */
  get unknown(): number {
    let known = 0;
    for (const each of this.exact) known += each;
    return SLOTS - known;
  }

  /** Null: all zero. */
  sums(slot: number): Sum | null {
    return this.#sums[slot] ?? null;
  }

  /** What was on disk of a slot: what has changed since the start is here already, as a difference. */
  load(slot: number, { records, bytes, sums }: SlotTotals): void {
    const changes = this.#sums[slot] ?? null;
    if (changes !== null) for (const [i, number] of changes.entries()) sums[i] = (sums[i] ?? 0) + number;
    this.#sums[slot] = sums;
    this.#count(slot, records, bytes);
  }

  /** Nothing is known of a slot. */
  clear(slot: number): void {
    this.#sums[slot] = null;
    this.records[slot] = 0;
    this.bytes[slot] = 0;
  }

  totals(slot: number): SlotTotals {
    const sums = this.#sums[slot] ?? new Int32Array(this.width);
    return { records: this.records[slot] ?? 0, bytes: this.bytes[slot] ?? 0, sums };
  }

  /** A record came to be in the place of another (null: none), whole or heads. */
  change(storageKey: Bytes, before: Bytes | null, after: Bytes | null): void {
    const rank = this.#rankOf.get(namespaceOfRecordKey(storageKey)) ?? -1;
    if (rank < 0 || before === after) return;
    const slot = slotOfRecordKey(storageKey);
    const sums = this.#sums[slot] ?? new Int32Array(this.width);
    this.#sums[slot] = sums;
    const at = rank * RANK_NUMBERS + leafOfHash(hashOfRecordKey(storageKey)) * LANES;
    if (before !== null) {
      takeFrom(sums, at, this.#digestOf(storageKey, before));
      this.#count(slot, -1, -storageKey.length - recordLength(before));
    }
    if (after !== null) {
      addTo(sums, at, this.#digestOf(storageKey, after));
      this.#count(slot, 1, storageKey.length + recordLength(after));
    }
  }

  /** The sum of a slot, of namespaces whose keys have more than `position` homes. */
  sumOfSlot(slot: number, position: number): Sum {
    const sum = newSum();
    this.addSlot(slot, position, sum);
    return sum;
  }

  /** The same, added to a sum. */
  addSlot(slot: number, position: number, into: Sum): void {
    const sums = this.sums(slot);
    if (sums === null) return;
    for (let rank = 0; rank < this.homesOfRank.length; rank++) {
      if ((this.homesOfRank[rank] ?? 0) <= position) continue;
      for (let at = 0; at < RANK_NUMBERS; at += LANES) addTo(into, 0, sums, rank * RANK_NUMBERS + at);
    }
  }

  /** The same of each leaf. */
  sumsOfLeaves(slot: number, position: number): Sum[] {
    const leaves = Array.from({ length: LEAVES_PER_SLOT }, newSum);
    const sums = this.sums(slot);
    if (sums === null) return leaves;
    for (let rank = 0; rank < this.homesOfRank.length; rank++) {
      if ((this.homesOfRank[rank] ?? 0) <= position) continue;
      for (const [leaf, sum] of leaves.entries()) addTo(sum, 0, sums, rank * RANK_NUMBERS + leaf * LANES);
    }
    return leaves;
  }

  /** Whether a namespace's keys have a home at this position of their list. */
  isShared(namespace: NamespaceId, position: number): boolean {
    const rank = this.#rankOf.get(namespace) ?? -1;
    return (this.homesOfRank[rank] ?? 0) > position;
  }

  #count(slot: number, records: number, bytes: number): void {
    this.records[slot] = (this.records[slot] ?? 0) + records;
    this.bytes[slot] = (this.bytes[slot] ?? 0) + bytes;
  }

  /**
   * Of a storage key and the head of its record. The head names every dot and carries a CRC of the whole, so equal heads
   * mean equal records; and a record need not be read from the disk to be taken out of a sum.
   */
  #digestOf(storageKey: Bytes, record: Bytes): Sum {
    const seed = hash32(storageKey, 0, storageKey.length, this.#seed);
    digestLanes(record, headLength(record), seed, this.#digest);
    return this.#digest;
  }
}
