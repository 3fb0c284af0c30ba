/**
 * What a member keeps in memory of its conflict ledger: where each entry stands, whose key it is, how large. In order
 * of place, so the oldest go from the front and readers come from the back.
 */
import type { ConflictPlace } from "../storage/keyspace.ts";

export interface IndexedConflict extends ConflictPlace {
  /** A hash of the storage key of the record it is about. */
  readonly keyHash: number;
  /** Of key and row on disk. */
  readonly bytes: number;
  /** The clock of the dot that lost. */
  readonly clock: number;
  /** The clock of the concurrent dot that won; 0 where its author replaced what had lost. */
  readonly beatenBy: number;
}

/** Room at the front is given back when it is at least so much. */
const SLACK = 1024;

export class ConflictIndex {
  #items: IndexedConflict[] = [];
  /** Items before this one are gone. */
  #from = 0;
  #bytes = 0;

  get size(): number {
    return this.#items.length - this.#from;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): IndexedConflict | null {
    return this.#items[this.#from] ?? null;
  }

  get newest(): IndexedConflict | null {
    return this.size === 0 ? null : (this.#items.at(-1) ?? null);
  }

  /** `item` is newer than all others. */
  add(item: IndexedConflict): void {
    this.#items.push(item);
    this.#bytes += item.bytes;
  }

  /** What was on disk before the member started; only what it has added itself may be there already. */
  addEarlier(items: readonly IndexedConflict[]): void {
    this.#items = [...items, ...this.#items.slice(this.#from)].toSorted(comparePlaces);
    this.#from = 0;
    for (const { bytes } of items) this.#bytes += bytes;
  }

  removeOldest(): void {
    const oldest = this.oldest;
    if (oldest === null) return;
    this.#bytes -= oldest.bytes;
    this.#from++;
    if (this.#from < SLACK || 2 * this.#from < this.#items.length) return;
    this.#items = this.#items.slice(this.#from);
    this.#from = 0;
  }

  /**
   * The newest entries below a place (null: from the newest on), at most `count`; of one key only if a hash is given.
   */
  below(place: ConflictPlace | null, keyHash: number | null, count: number): IndexedConflict[] {
    const found: IndexedConflict[] = [];
    let at = place === null ? this.#items.length : this.#firstNotBelow(place);
    for (at--; at >= this.#from && found.length < count; at--) {
      const item = this.#items[at];
      if (item !== undefined && (keyHash === null || item.keyHash === keyHash)) found.push(item);
    }
    return found;
  }

  #firstNotBelow(place: ConflictPlace): number {
    let low = this.#from;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item !== undefined && comparePlaces(item, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Oldest first. */
export function comparePlaces(a: ConflictPlace, b: ConflictPlace): number {
  return a.instant - b.instant || a.number - b.number;
}
