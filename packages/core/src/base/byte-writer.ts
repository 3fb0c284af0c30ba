/** The counterpart of `ByteReader`: bytes that grow as they are written. Numbers are unsigned and big-endian. */
import { assert } from "./assert.ts";
import { type Bytes, copyBytes } from "./bytes.ts";

export class ByteWriter {
  #bytes: Bytes;
  #end = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#end;
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.#end = 0;
  }

  /** What was written, lent until the next call. */
  view(): Bytes {
    return this.#bytes.subarray(0, this.#end);
  }

  /** What was written, given away. */
  copy(): Bytes {
    return copyBytes(this.view());
  }

  u8(value: number): void {
    assert(value >= 0 && value <= 0xff, "a u8 is 0 .. 255");
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    assert(value >= 0 && value <= 0xffff, "a u16 is 0 .. 65,535");
    const at = this.#grow(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  u32(value: number): void {
    assert(value >= 0 && value <= 0xffff_ffff, "a u32 is 0 .. 2^32 - 1");
    const at = this.#grow(4);
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** A safe integer from 0. */
  u64(value: number): void {
    assert(value >= 0 && value <= Number.MAX_SAFE_INTEGER, "a u64 is a safe integer from 0");
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value >>> 0);
  }

  bytes(bytes: Bytes): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Overwrites four bytes written before, such as a length or a sum that is known only at the end. */
  patchU32(at: number, value: number): void {
    assert(at >= 0 && at + 4 <= this.#end, "a patch lies within what was written");
    const end = this.#end;
    this.#end = at;
    this.u32(value);
    this.#end = end;
  }

  /** Makes room and returns where it begins. */
  #grow(count: number): number {
    const at = this.#end;
    const end = at + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#end = end;
    return at;
  }
}
