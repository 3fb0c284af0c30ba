/**
 * A cursor over bytes that somebody else wrote. Nothing it meets makes it throw or read beyond its range: what is
 * missing reads as zeros and sets `failed`, which is looked at once, at the end.
 */
import { type Bytes, EMPTY_BYTES } from "./bytes.ts";

/** Numbers are unsigned and big-endian. */
export class ByteReader {
  #bytes: Bytes = EMPTY_BYTES;
  #at = 0;
  #end = 0;
  #failed = false;

  constructor(bytes: Bytes = EMPTY_BYTES, from = 0, to = bytes.length) {
    this.reset(bytes, from, to);
  }

  /** Begins anew with `bytes[from .. to)`, so that one reader serves many messages. */
  reset(bytes: Bytes, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = Math.min(to, bytes.length);
    this.#failed = false;
  }

  /** Whether anything was missing or out of range. Once set it stays, and everything reads as zero. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The offset in the bytes handed in at which the next read begins. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes are left; 0 after a failure. */
  get left(): number {
    return this.#failed ? 0 : this.#end - this.#at;
  }

  /** All was read, and nothing was missing. */
  get complete(): boolean {
    return !this.#failed && this.#at === this.#end;
  }

  /** For whoever finds that what was read makes no sense. */
  fail(): void {
    this.#failed = true;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : (this.#bytes[at] ?? 0);
  }

  u16(): number {
    const at = this.#take(2);
    if (at < 0) return 0;
    return ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
  }

  u32(): number {
    const at = this.#take(4);
    if (at < 0) return 0;
    const bytes = this.#bytes;
    const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    return high * 0x10000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }

  /** A safe integer; above 2^53 - 1 is a failure. */
  u64(): number {
    const high = this.u32();
    const low = this.u32();
    if (high > 0x1fffff) this.#failed = true;
    return this.#failed ? 0 : high * 0x1_0000_0000 + low;
  }

  /** A view of the next `count` bytes: lent, as the bytes handed in are. */
  bytes(count: number): Bytes {
    const at = this.#take(count);
    return at < 0 ? EMPTY_BYTES : this.#bytes.subarray(at, at + count);
  }

  #take(count: number): number {
    const at = this.#at;
    if (this.#failed || count > this.#end - at) {
      this.#failed = true;
      return -1;
    }
    this.#at = at + count;
    return at;
  }
}
