/**
 * Numbered places for what awaits an answer. An id is sent out and comes back with the answer; an id whose item
 * has left finds nothing, because the place's generation has moved on.
 *
 * A late answer must not meet a stranger, so a freed place rests until `REST` others are free, first freed first
 * reused: an id returns only after 134 million insertions (2^12 places of 2^15 generations), which is the better
 * part of an hour at 50,000 a second. Generations have 15 bits, so that V8 keeps an id inside the object that holds it.
 */
import { assert } from "./assert.ts";

export const SLOT_TABLE_CAPACITY = 65_536;

const REST = 4096;
const GENERATIONS = 0x7fff;
const NOBODY = -1;

export class SlotTable<T extends object> {
  readonly #items: (T | null)[] = [];
  readonly #generations: number[] = [];
  /** For a free slot the next one to be reused. */
  readonly #next: number[] = [];
  #firstFree = NOBODY;
  #lastFree = NOBODY;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The item's id: 1 .. 2^31 - 1, `generation << 16 | slot`. 0 when the table is full. */
  insert(item: T): number {
    const slots = this.#items.length;
    const free = slots - this.#size;
    if (free >= REST || (free > 0 && slots === SLOT_TABLE_CAPACITY)) return this.#reuse(item);
    if (slots === SLOT_TABLE_CAPACITY) return 0;
    this.#items.push(item);
    this.#generations.push(1);
    this.#next.push(NOBODY);
    this.#size++;
    return (1 << 16) | slots;
  }

  /** The item with this id; null for one that has left, and for any other number. */
  get(id: number): T | null {
    const slot = id & 0xffff;
    return this.#generations[slot] === id >>> 16 ? (this.#items[slot] ?? null) : null;
  }

  /** Puts another item in the place of the one with this id, which must be there. */
  replace(id: number, item: T): void {
    assert(this.get(id) !== null, "only what is there is replaced");
    this.#items[id & 0xffff] = item;
  }

  /** Takes an item out and returns it; null when nothing has this id. */
  remove(id: number): T | null {
    const item = this.get(id);
    if (item === null) return null;
    const slot = id & 0xffff;
    const generation = id >>> 16;
    this.#items[slot] = null;
    this.#generations[slot] = generation === GENERATIONS ? 1 : generation + 1;
    this.#next[slot] = NOBODY;
    if (this.#lastFree === NOBODY) this.#firstFree = slot;
    else this.#next[this.#lastFree] = slot;
    this.#lastFree = slot;
    this.#size--;
    return item;
  }

  /** In order of slot. The visitor may remove the item it is shown. */
  forEach(visit: (item: T, id: number) => void): void {
    for (let slot = 0; slot < this.#items.length; slot++) {
      const item = this.#items[slot] ?? null;
      if (item !== null) visit(item, ((this.#generations[slot] ?? 0) << 16) | slot);
    }
  }

  #reuse(item: T): number {
    const slot = this.#firstFree;
    this.#firstFree = this.#next[slot] ?? NOBODY;
    if (this.#firstFree === NOBODY) this.#lastFree = NOBODY;
    this.#items[slot] = item;
    this.#size++;
    return ((this.#generations[slot] ?? 0) << 16) | slot;
  }
}
