/**
 * Values in one block of memory that is written round and round: the newest overwrites the oldest, unless it replaces a
 * value of its own key and length where that lies. A value is a number
 * in a map, not an object: tens of thousands of buffers made a second kept the collector busy, for up to 40 ms at a time.
 */
const LENGTH_BYTES = 4;

export class ValueCache {
  readonly #block: Buffer;
  /** Where each value begins, counted on over all rounds. */
  readonly #places = new Map<string, number>();
  #end = 0;

  /** `bytes`: of all values together; a value of half of that or more is not kept. */
  constructor(bytes: number) {
    this.#block = Buffer.alloc(bytes);
  }

  /** The value is copied. `key`: its bytes as latin1. */
  put(key: string, value: Uint8Array): void {
    const size = LENGTH_BYTES + value.length;
    if (2 * size > this.#block.length) {
      this.#places.delete(key);
      return;
    }
    const old = this.get(key);
    if (old?.length === value.length) {
      // Whoever has looked at it and not sent it yet sends the newer value.
      old.set(value);
      return;
    }
    const left = this.#block.length - (this.#end % this.#block.length);
    // A value lies in one piece.
    if (left < size) this.#end += left;
    const at = this.#end % this.#block.length;
    this.#block.writeUInt32BE(value.length, at);
    this.#block.set(value, at + LENGTH_BYTES);
    this.#places.set(key, this.#end);
    this.#end += size;
  }

  /**
   * A view that stays as it is until as much has been put as the cache holds: longer than any request takes. Null: not
   * here, or not here any more.
   */
  get(key: string): Uint8Array | null {
    const place = this.#places.get(key);
    if (place === undefined) return null;
    if (place < this.#end - this.#block.length) {
      this.#places.delete(key);
      return null;
    }
    const at = place % this.#block.length;
    const from = at + LENGTH_BYTES;
    return this.#block.subarray(from, from + this.#block.readUInt32BE(at));
  }
}
