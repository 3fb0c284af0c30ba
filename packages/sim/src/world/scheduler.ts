/**
 * Virtual time: whole microseconds, and a binary heap of what is due, ordered by (time, drawn priority, sequence).
 * The drawn priority lets two things of one instant happen in either order, as the seed says. Nothing is ever taken
 * out of the heap early: a target that is no longer interested ignores its call. Entries live in flat arrays, so
 * that a simulated event costs no allocation here.
 */
import type { Random } from "@kvorum/core";

/** Something that time can happen to. */
export interface Target {
  onDue(tag: number): void;
}

export interface StopCondition {
  /** Asked after every event. */
  isMet(): boolean;
}

const nobody: Target = { onDue: () => undefined };

export class Scheduler {
  readonly #random: Random;
  #nowUs = 0;
  #happened = 0;
  #ticks = 0;
  #sequence = 0;
  /** Slots of what is due, as a heap. */
  #heap: Int32Array;
  #count = 0;
  /** By slot. */
  #atUs: Float64Array;
  #priority: Uint32Array;
  #order: Float64Array;
  #tag: Float64Array;
  readonly #target: Target[] = [];
  readonly #freeSlots: number[] = [];

  constructor(random: Random) {
    this.#random = random;
    const capacity = 1024;
    this.#heap = new Int32Array(capacity);
    this.#atUs = new Float64Array(capacity);
    this.#priority = new Uint32Array(capacity);
    this.#order = new Float64Array(capacity);
    this.#tag = new Float64Array(capacity);
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Everything that has happened so far, timer ticks left out. */
  get events(): number {
    return this.#happened - this.#ticks;
  }

  /** The event that is running was a mere tick of a timer. */
  countTick(): void {
    this.#ticks++;
  }

  /** `target.onDue(tag)` at this instant, or now if it has passed. */
  at(atUs: number, target: Target, tag: number): void {
    const slot = this.#takeSlot();
    this.#atUs[slot] = Math.max(Math.round(atUs), this.#nowUs);
    this.#priority[slot] = this.#random.u32();
    this.#order[slot] = this.#sequence++;
    this.#tag[slot] = tag;
    this.#target[slot] = target;
    this.#heap[this.#count] = slot;
    this.#siftUp(this.#count++);
  }

  after(delayUs: number, target: Target, tag: number): void {
    this.at(this.#nowUs + delayUs, target, tag);
  }

  /** Lets everything happen that is due up to and including `untilUs`, or less if `stop` is met first. */
  run(untilUs: number, stop: StopCondition | null): void {
    while (this.#count > 0) {
      const slot = this.#heap[0] ?? 0;
      const atUs = this.#atUs[slot] ?? 0;
      if (atUs > untilUs) break;
      this.#removeFirst();
      const target = this.#target[slot] ?? nobody;
      const tag = this.#tag[slot] ?? 0;
      this.#target[slot] = nobody;
      this.#freeSlots.push(slot);
      this.#nowUs = atUs;
      this.#happened++;
      target.onDue(tag);
      if (stop !== null && stop.isMet()) return;
    }
    if (untilUs > this.#nowUs) this.#nowUs = untilUs;
  }

  #takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const slot = this.#target.length;
    this.#target.push(nobody);
    if (slot === this.#heap.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const capacity = this.#heap.length * 2;
    this.#heap = wider(new Int32Array(capacity), this.#heap);
    this.#atUs = wider(new Float64Array(capacity), this.#atUs);
    this.#priority = wider(new Uint32Array(capacity), this.#priority);
    this.#order = wider(new Float64Array(capacity), this.#order);
    this.#tag = wider(new Float64Array(capacity), this.#tag);
  }

  #isBefore(a: number, b: number): boolean {
    const time = (this.#atUs[a] ?? 0) - (this.#atUs[b] ?? 0);
    if (time !== 0) return time < 0;
    const priority = (this.#priority[a] ?? 0) - (this.#priority[b] ?? 0);
    if (priority !== 0) return priority < 0;
    return (this.#order[a] ?? 0) < (this.#order[b] ?? 0);
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const slot = heap[from] ?? 0;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (!this.#isBefore(slot, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = slot;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const slot = heap[--this.#count] ?? 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#count) break;
      if (child + 1 < this.#count && this.#isBefore(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const below = heap[child] ?? 0;
      if (!this.#isBefore(below, slot)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = slot;
  }
}

function wider<T extends Int32Array | Uint32Array | Float64Array>(made: T, old: T): T {
  made.set(old);
  return made;
}
