/**
 * An ordered map of bytes in memory: sorted chunks of a few hundred rows, found by binary search. An insertion
 * moves half a chunk at worst, and a scan walks plain arrays.
 */
import { type Bytes, compareBytes } from "../base/bytes.ts";

const CHUNK_ROWS_MAX = 256;

class Chunk {
  readonly keys: Bytes[];
  readonly values: Bytes[];

  constructor(keys: Bytes[], values: Bytes[]) {
    this.keys = keys;
    this.values = values;
  }
}

export class MemoryTable {
  /** In order of keys; none is empty, except the only one of an empty table. */
  #chunks: Chunk[] = [new Chunk([], [])];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Bytes): Bytes | null {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return null;
    const at = lowerBound(chunk.keys, key);
    return isAt(chunk, at, key) ? (chunk.values[at] ?? null) : null;
  }

  /** Puts a value, or removes the key when it is null. Returns what was there. */
  set(key: Bytes, value: Bytes | null): Bytes | null {
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return null;
    const at = lowerBound(chunk.keys, key);
    const before = isAt(chunk, at, key) ? (chunk.values[at] ?? null) : null;
    if (value === null) {
      if (before !== null) this.#remove(index, chunk, at);
    } else if (before !== null) {
      chunk.values[at] = value;
    } else {
      chunk.keys.splice(at, 0, key);
      chunk.values.splice(at, 0, value);
      this.#size++;
      if (chunk.keys.length > CHUNK_ROWS_MAX) this.#split(index, chunk);
    }
    return before;
  }

  /** Rows of `from <= key < to`, ascending. The table must not change meanwhile. */
  *rows(from: Bytes, to: Bytes): Generator<readonly [Bytes, Bytes], void, undefined> {
    for (let index = this.#chunkOf(from); index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) return;
      for (let at = lowerBound(chunk.keys, from); at < chunk.keys.length; at++) {
        const key = chunk.keys[at];
        const value = chunk.values[at];
        if (key === undefined || value === undefined || compareBytes(key, to) >= 0) return;
        yield [key, value];
      }
    }
  }

  /** All rows, ascending. */
  *[Symbol.iterator](): Generator<readonly [Bytes, Bytes], void, undefined> {
    for (const chunk of this.#chunks) {
      for (let at = 0; at < chunk.keys.length; at++) {
        const key = chunk.keys[at];
        const value = chunk.values[at];
        if (key !== undefined && value !== undefined) yield [key, value];
      }
    }
  }

  /** The last chunk that begins at or below the key, or the first one. */
  #chunkOf(key: Bytes): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#chunks[middle]?.keys[0];
      if (first !== undefined && compareBytes(first, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #remove(index: number, chunk: Chunk, at: number): void {
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    this.#size--;
    if (chunk.keys.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1);
  }

  #split(index: number, chunk: Chunk): void {
    const middle = chunk.keys.length >> 1;
    const upper = new Chunk(chunk.keys.splice(middle), chunk.values.splice(middle));
    this.#chunks.splice(index + 1, 0, upper);
  }
}

function isAt(chunk: Chunk, at: number, key: Bytes): boolean {
  const there = chunk.keys[at];
  return there !== undefined && compareBytes(there, key) === 0;
}

/** The first place whose key is not below `key`. */
function lowerBound(keys: readonly Bytes[], key: Bytes): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = keys[middle];
    if (there !== undefined && compareBytes(there, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
