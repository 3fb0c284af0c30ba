/**
 * A cache of bytes by byte keys that the collector never sees: items lie one behind the other in a ring of large
 * segments, and an index of numbers says where. What comes in takes the place of what came in first. So an item costs 12
 * bytes, its key and about 20 bytes of the index, where two small arrays and their places in a table and in a list cost
 * 700. After the log-structured caches of memory (Rumble, Kejriwal, Ousterhout, "Log-structured Memory for DRAM-based
 * Storage", FAST 2014), without their cleaner: whoever uses an old item puts it in anew. One of the same length is written
 * over, unless it is old.
 */
import { assert } from "./assert.ts";
import type { Bytes } from "./bytes.ts";

/** Hears of an item that makes room for another. Key and value are lent for the call. */
export interface EvictionUser {
  onEvicted(key: Bytes, hash: number, value: Bytes): void;
}

/** An item is not longer than a segment; a segment is given memory when it is first written to. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** In words: hash, bytes of the key, bytes of the value. */
const HEADER_BYTES = 12;
/** In the place of a hash: the rest of the segment holds nothing. */
const SKIP = -1;
const NOWHERE = -1;
const INDEX_BITS_MIN = 4;

interface Segment {
  readonly bytes: Bytes;
  readonly words: Int32Array;
}

/** What an item takes of a cache's `bytesMax`. */
export function cachedBytes(keyBytes: number, valueBytes: number): number {
  return (HEADER_BYTES + keyBytes + valueBytes + 3) & ~3;
}

export class ByteCache {
  readonly #segmentBytes: number;
  readonly #capacity: number;
  readonly #evicted: EvictionUser | null;
  readonly #segments: Segment[] = [];
  /** Where the next item goes, and where the oldest is; bytes from here to there are taken. */
  #head = 0;
  #tail = 0;
  #taken = 0;
  #size = 0;
  #valueBytes = 0;
  /** By linear probing: hash + 1 (0: free), and the place of the item. */
  #marks = new Int32Array(1 << INDEX_BITS_MIN);
  #places = new Float64Array(1 << INDEX_BITS_MIN);

  /** Holds items of `bytesMax` together, as `cachedBytes` counts them, less what is left over at the ends of segments. */
  constructor(bytesMax: number, evicted: EvictionUser | null) {
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.floor(bytesMax / 4) * 4);
    const segments = this.#segmentBytes === 0 ? 0 : Math.floor(bytesMax / this.#segmentBytes);
    this.#capacity = segments * this.#segmentBytes;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#size;
  }

  /** Of all values, without their keys. */
  get valueBytes(): number {
    return this.#valueBytes;
  }

  /** Where the item of a key is, until the next `put`; -1: nowhere. The hash is that of `keyHash`. */
  find(key: Bytes, hash: number): number {
    const at = this.#slotOf(key, hash);
    return at === NOWHERE ? NOWHERE : (this.#places[at] ?? NOWHERE);
  }

  /** The value at a place: a view, lent until the next `put`. */
  view(place: number): Bytes {
    const { bytes, words } = this.#segmentAt(place);
    const at = place % this.#segmentBytes;
    const from = at + HEADER_BYTES + (words[(at >> 2) + 1] ?? 0);
    return bytes.subarray(from, from + (words[(at >> 2) + 2] ?? 0));
  }

  /** Whether its turn to go comes soon: within the last quarter of the ring. */
  isOld(place: number): boolean {
    const age = this.#head > place ? this.#head - place : this.#head + this.#capacity - place;
    return age > this.#capacity * 0.75;
  }

  /** Puts bytes that are not its own in the place of what there was of the key. False: they are too many, and it has none. */
  put(key: Bytes, hash: number, value: Bytes): boolean {
    const size = cachedBytes(key.length, value.length);
    const there = this.#slotOf(key, hash);
    if (there !== NOWHERE) {
      if (this.#overwrite(this.#places[there] ?? 0, key, value)) return true;
      this.#removeAt(there);
    }
    if (size > this.#segmentBytes) return false;
    const left = this.#segmentBytes - (this.#head % this.#segmentBytes);
    if (left < size) this.#skip(left);
    while (this.#capacity - this.#taken < size) this.#evictOldest();
    const place = this.#head;
    const { bytes, words } = this.#segmentAt(place);
    const at = place % this.#segmentBytes;
    words[at >> 2] = hash;
    words[(at >> 2) + 1] = key.length;
    words[(at >> 2) + 2] = value.length;
    bytes.set(key, at + HEADER_BYTES);
    bytes.set(value, at + HEADER_BYTES + key.length);
    this.#advanceHead(size);
    this.#insert(hash, place);
    this.#size++;
    this.#valueBytes += value.length;
    return true;
  }

  /** Nobody is told. */
  remove(key: Bytes, hash: number): void {
    const slot = this.#slotOf(key, hash);
    if (slot !== NOWHERE) this.#removeAt(slot);
  }

  #overwrite(place: number, key: Bytes, value: Bytes): boolean {
    const { bytes, words } = this.#segmentAt(place);
    const at = place % this.#segmentBytes;
    if (words[(at >> 2) + 2] !== value.length || this.isOld(place)) return false;
    bytes.set(value, at + HEADER_BYTES + key.length);
    return true;
  }

  #removeAt(slot: number): void {
    const place = this.#places[slot] ?? 0;
    const { words } = this.#segmentAt(place);
    this.#forget(slot, words[((place % this.#segmentBytes) >> 2) + 2] ?? 0);
  }

  #forget(slot: number, valueBytes: number): void {
    this.#closeGap(slot);
    this.#size--;
    this.#valueBytes -= valueBytes;
  }

  #segmentAt(place: number): Segment {
    const number = Math.floor(place / this.#segmentBytes);
    // They are entered one after the other.
    if (number === this.#segments.length) {
      const bytes = new Uint8Array(this.#segmentBytes);
      this.#segments.push({ bytes, words: new Int32Array(bytes.buffer) });
    }
    const segment = this.#segments[number];
    assert(segment !== undefined, "items are where something was written");
    return segment;
  }

  #advanceHead(count: number): void {
    this.#taken += count;
    this.#head += count;
    if (this.#head === this.#capacity) this.#head = 0;
  }

  /** The next item begins the next segment. */
  #skip(left: number): void {
    while (this.#capacity - this.#taken < left) this.#evictOldest();
    const at = this.#head % this.#segmentBytes;
    this.#segmentAt(this.#head).words[at >> 2] = SKIP;
    this.#advanceHead(left);
  }

  #evictOldest(): void {
    const place = this.#tail;
    const { bytes, words } = this.#segmentAt(place);
    const at = place % this.#segmentBytes;
    const hash = words[at >> 2] ?? SKIP;
    if (hash === SKIP) {
      this.#advanceTail(this.#segmentBytes - at);
      return;
    }
    const keyBytes = words[(at >> 2) + 1] ?? 0;
    const valueBytes = words[(at >> 2) + 2] ?? 0;
    const slot = this.#slotOfPlace(hash, place);
    if (slot !== NOWHERE) {
      this.#forget(slot, valueBytes);
      const from = at + HEADER_BYTES;
      const key = bytes.subarray(from, from + keyBytes);
      this.#evicted?.onEvicted(key, hash, bytes.subarray(from + keyBytes, from + keyBytes + valueBytes));
    }
    this.#advanceTail(cachedBytes(keyBytes, valueBytes));
  }

  #advanceTail(count: number): void {
    this.#taken -= count;
    this.#tail += count;
    if (this.#tail === this.#capacity) this.#tail = 0;
  }

  #slotOf(key: Bytes, hash: number): number {
    const marks = this.#marks;
    const mask = marks.length - 1;
    const mark = hash + 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const here = marks[at] ?? 0;
      if (here === 0) return NOWHERE;
      if (here === mark && this.#isOfKey(this.#places[at] ?? 0, key)) return at;
    }
  }

  #slotOfPlace(hash: number, place: number): number {
    const marks = this.#marks;
    const mask = marks.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const here = marks[at] ?? 0;
      if (here === 0) return NOWHERE;
      if (here === hash + 1 && this.#places[at] === place) return at;
    }
  }

  #isOfKey(place: number, key: Bytes): boolean {
    const { bytes, words } = this.#segmentAt(place);
    const at = place % this.#segmentBytes;
    if (words[(at >> 2) + 1] !== key.length) return false;
    const from = at + HEADER_BYTES;
    for (let i = 0; i < key.length; i++) if (bytes[from + i] !== key[i]) return false;
    return true;
  }

  #insert(hash: number, place: number): void {
    if ((this.#size + 1) * 2 > this.#marks.length) this.#grow();
    this.#enter(hash + 1, place);
  }

  #enter(mark: number, place: number): void {
    const mask = this.#marks.length - 1;
    let at = (mark - 1) & mask;
    while (this.#marks[at] !== 0) at = (at + 1) & mask;
    this.#marks[at] = mark;
    this.#places[at] = place;
  }

  #grow(): void {
    const marks = this.#marks;
    const places = this.#places;
    this.#marks = new Int32Array(marks.length * 2);
    this.#places = new Float64Array(marks.length * 2);
    for (let at = 0; at < marks.length; at++) {
      const mark = marks[at] ?? 0;
      if (mark !== 0) this.#enter(mark, places[at] ?? 0);
    }
  }

  /** What was put behind the place because that was taken moves up (Knuth, volume 3, 6.4, algorithm R). */
  #closeGap(slot: number): void {
    const marks = this.#marks;
    const mask = marks.length - 1;
    let gap = slot;
    for (let at = (slot + 1) & mask; marks[at] !== 0; at = (at + 1) & mask) {
      const mark = marks[at] ?? 0;
      const fromHome = (at - ((mark - 1) & mask)) & mask;
      if (fromHome < ((at - gap) & mask)) continue;
      marks[gap] = mark;
      this.#places[gap] = this.#places[at] ?? 0;
      gap = at;
    }
    marks[gap] = 0;
  }
}
