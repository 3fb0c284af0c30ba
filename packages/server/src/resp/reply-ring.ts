/**
 * The commands of one connection that have not been answered, in order: a ring of slots, and the rule of which
 * command may begin while others are under way.
 *
 * Commands of one connection run side by side, but a client that pipelines `SET k` and `GET k` means the one after
 * the other. So a command waits for an earlier one on the same key when one of them writes; except for two ordinary
 * writes, which the key's coordinator takes in the order in which they were sent. Slow ones could be overtaken, so
 * they wait as well: large values travel on a link of their own, and a delete may look at other homes first.
 */
import { assert, type Bytes } from "@kvorum/core";
import type { Effect } from "./command.ts";
import type { ReplySlot } from "./reply-slot.ts";

const CAPACITY_MIN = 16;
const SHORT_KEY_BYTES = 64;

export class ReplyRing {
  #slots: (ReplySlot | null)[] = new Array<ReplySlot | null>(CAPACITY_MIN).fill(null);
  #head = 0;
  #tail = 0;
  #reads = 0;
  #writes = 0;
  #slowWrites = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  /** The oldest command, whose reply goes out next. */
  first(): ReplySlot | null {
    return this.length === 0 ? null : this.#at(this.#head);
  }

  /** The slot's effect, key and slowness must be set. */
  push(slot: ReplySlot): void {
    if (this.length === this.#slots.length) this.#grow();
    this.#slots[this.#tail & (this.#slots.length - 1)] = slot;
    this.#tail++;
    this.#countUnderWay(slot, 1);
  }

  /** A command under way has ended; it stays in the ring until its reply is sent. */
  ended(slot: ReplySlot): void {
    assert(!slot.done, "a command ends once");
    slot.done = true;
    this.#countUnderWay(slot, -1);
  }

  /** Takes the oldest out. */
  shift(): void {
    assert(this.length > 0, "there is a command to take out");
    this.#slots[this.#head & (this.#slots.length - 1)] = null;
    this.#head++;
  }

  /** Whether a command must wait for one that is under way. `key` is null when it touches several. */
  mustWait(effect: Effect, key: Bytes | null, slow: boolean): boolean {
    if (effect === "read") return this.#writes > 0 && this.#anyConflict(effect, key, slow);
    if (effect === "none") return false;
    const matters = this.#reads > 0 || this.#slowWrites > 0 || (slow && this.#writes > 0);
    return matters && this.#anyConflict(effect, key, slow);
  }

  #anyConflict(effect: Effect, key: Bytes | null, slow: boolean): boolean {
    for (let sequence = this.#head; sequence < this.#tail; sequence++) {
      const slot = this.#at(sequence);
      if (slot.done || slot.effect === "none") continue;
      if (slot.effect === effect && (effect === "read" || !(slow || slot.slow))) continue;
      if (slot.key === null || key === null || sameKey(slot.key, key)) return true;
    }
    return false;
  }

  #countUnderWay(slot: ReplySlot, change: 1 | -1): void {
    if (slot.effect === "read") this.#reads += change;
    if (slot.effect !== "write") return;
    this.#writes += change;
    if (slot.slow) this.#slowWrites += change;
  }

  #at(sequence: number): ReplySlot {
    const slot = this.#slots[sequence & (this.#slots.length - 1)];
    assert(slot !== null && slot !== undefined, "a command in the ring has a slot");
    return slot;
  }

  #grow(): void {
    const grown = new Array<ReplySlot | null>(2 * this.#slots.length).fill(null);
    for (let sequence = this.#head; sequence < this.#tail; sequence++) {
      grown[sequence & (grown.length - 1)] = this.#at(sequence);
    }
    this.#slots = grown;
  }
}

/** Short keys from the end: keys of one kind differ there. Long ones natively, for 500 of 4 KiB may have to be looked at. */
function sameKey(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  if (a.length > SHORT_KEY_BYTES) return Buffer.compare(a, b) === 0;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
