/**
 * Puts together bytes that arrive in pieces. Its buffer grows with what has arrived, at most doubling each time, and
 * never beyond what is still expected: a claim alone allocates nothing.
 */
import { EMPTY_BYTES, type Bytes } from "@kvorum/core";

const CAPACITY_MIN = 256;

export class ByteCollector {
  #bytes: Bytes = EMPTY_BYTES;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What it holds, filled or not. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Takes `from[start .. end)`. `expected`: the bytes that there will be in all, 0 when nobody knows. */
  add(from: Bytes, start: number, end: number, expected: number): void {
    const length = this.#length + (end - start);
    if (length > this.#bytes.length) this.#grow(length, expected);
    this.#bytes.set(from.subarray(start, end), this.#length);
    this.#length = length;
  }

  /** Hands over what was collected and begins anew. */
  take(): Bytes {
    const { length } = this.#bytes;
    const taken = this.#length === length ? this.#bytes : this.#bytes.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = EMPTY_BYTES;
    this.#length = 0;
  }

  #grow(length: number, expected: number): void {
    const doubled = Math.max(CAPACITY_MIN, 2 * length);
    const bytes = new Uint8Array(expected > 0 ? Math.min(expected, doubled) : doubled);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
