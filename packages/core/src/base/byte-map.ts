/**
 * A hash table keyed by bytes, for the lookups on every request's path. Values carry their own key and hash, so an
 * entry costs two array cells and no object.
 *
 * Open addressing with ordered linear probing (Amble and Knuth, "Ordered hash tables", 1974): the home of a hash
 * is its top bits, runs are kept in order of hash, and a run that passes the end goes on in a margin instead of
 * wrapping around. So the table as a whole is in order of (hash, key): a search for what is absent stops early,
 * deletion shifts back without tombstones, and iteration depends on the contents alone, not on their history.
 */
import { assert } from "./assert.ts";
import { type Bytes, bytesEqual, compareBytes } from "./bytes.ts";
import { hash32 } from "./hash.ts";

export interface ByteKeyed {
  readonly key: Bytes;
  /** `keyHash(key)`. */
  readonly hash: number;
}

/** 30 bits, so that V8 keeps a hash inside the object that holds it. */
const HASH_BITS = 30;
const KEY_SEED = 0x6b76_6f72;

const BITS_MIN = 4;
const BITS_MAX = 26;
const MARGIN_MIN = 16;

/** The hash by which `ByteMap` files a key: 0 .. 2^30 - 1. */
export function keyHash(key: Bytes): number {
  return hash32(key, 0, key.length, KEY_SEED) >>> (32 - HASH_BITS);
}

export class ByteMap<V extends ByteKeyed> {
  #bits = BITS_MIN;
  #size = 0;
  /** hash + 1 of the value in the same place, 0 where there is none. */
  #marks = new Int32Array((1 << BITS_MIN) + MARGIN_MIN);
  #values: (V | null)[] = emptyValues<V>((1 << BITS_MIN) + MARGIN_MIN);

  get size(): number {
    return this.#size;
  }

  get(key: Bytes, hash: number): V | null {
    const marks = this.#marks;
    const mark = hash + 1;
    let at = hash >>> (HASH_BITS - this.#bits);
    let here = marks[at] ?? 0;
    while (here !== 0 && here < mark) here = marks[++at] ?? 0;
    for (; here === mark; here = marks[++at] ?? 0) {
      const value = this.#values[at] ?? null;
      if (value !== null && bytesEqual(value.key, key)) return value;
    }
    return null;
  }

  /** Files a value, and returns the one with the same key that it replaces, or null. */
  set(value: V): V | null {
    const mark = value.hash + 1;
    const at = this.#find(value.key, value.hash);
    const there = this.#values[at] ?? null;
    if (there !== null && this.#marks[at] === mark && bytesEqual(there.key, value.key)) {
      this.#values[at] = value;
      return there;
    }
    this.#openGap(at);
    this.#marks[at] = mark;
    this.#values[at] = value;
    this.#size++;
    if (this.#size * 4 > 3 << this.#bits) this.#resize(this.#bits + 1);
    return null;
  }

  /** Takes a key's value out and returns it, or null when there is none. */
  delete(key: Bytes, hash: number): V | null {
    const at = this.#find(key, hash);
    const value = this.#values[at] ?? null;
    if (value === null || this.#marks[at] !== hash + 1 || !bytesEqual(value.key, key)) return null;
    this.#closeGap(at);
    this.#size--;
    if (this.#bits > BITS_MIN && this.#size * 8 < 1 << this.#bits) this.#resize(this.#bits - 1);
    return value;
  }

  /** In order of hash, then of key. The map must not change meanwhile. */
  *[Symbol.iterator](): Generator<V, void, undefined> {
    for (const value of this.#values) if (value !== null) yield value;
  }

  /** Where a key is, or else where it belongs: the first place of its run that is empty or orders after it. */
  #find(key: Bytes, hash: number): number {
    const marks = this.#marks;
    const mark = hash + 1;
    let at = hash >>> (HASH_BITS - this.#bits);
    let here = marks[at] ?? 0;
    while (here !== 0 && here < mark) here = marks[++at] ?? 0;
    for (; here === mark; here = marks[++at] ?? 0) {
      const value = this.#values[at] ?? null;
      if (value === null || compareBytes(value.key, key) >= 0) return at;
    }
    return at;
  }

  /** Moves the rest of a run one place on. */
  #openGap(at: number): void {
    let end = at;
    while ((this.#marks[end] ?? 0) !== 0) end++;
    if (end >= this.#marks.length - 1) this.#extend();
    this.#marks.copyWithin(at + 1, at, end);
    this.#values.copyWithin(at + 1, at, end);
  }

  /** Moves what is not at home in the rest of a run one place back. */
  #closeGap(at: number): void {
    const shift = HASH_BITS - this.#bits;
    let end = at + 1;
    for (let mark = this.#marks[end] ?? 0; mark !== 0 && (mark - 1) >>> shift < end;) {
      mark = this.#marks[++end] ?? 0;
    }
    this.#marks.copyWithin(at, at + 1, end);
    this.#values.copyWithin(at, at + 1, end);
    this.#marks[end - 1] = 0;
    this.#values[end - 1] = null;
  }

  #extend(): void {
    const capacity = 1 << this.#bits;
    const marks = new Int32Array(capacity + 2 * (this.#marks.length - capacity));
    marks.set(this.#marks);
    for (let at = this.#marks.length; at < marks.length; at++) this.#values.push(null);
    this.#marks = marks;
  }

  #resize(bits: number): void {
    assert(bits <= BITS_MAX, "a byte map holds at most 50 million values");
    const marks = this.#marks;
    const values = this.#values;
    const shift = HASH_BITS - bits;
    this.#bits = bits;
    this.#marks = new Int32Array((1 << bits) + MARGIN_MIN);
    this.#values = emptyValues<V>((1 << bits) + MARGIN_MIN);
    let next = 0;
    for (let from = 0; from < marks.length; from++) {
      const mark = marks[from] ?? 0;
      if (mark === 0) continue;
      const at = Math.max(next, (mark - 1) >>> shift);
      while (at >= this.#marks.length - 1) this.#extend();
      this.#marks[at] = mark;
      this.#values[at] = values[from] ?? null;
      next = at + 1;
    }
  }
}

function emptyValues<V>(length: number): (V | null)[] {
  return new Array<V | null>(length).fill(null);
}
