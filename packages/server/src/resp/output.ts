/**
 * The outgoing bytes of one connection. Replies are copied into pooled blocks as they come, large ones are taken over
 * as they are, and `flush` hands them to the socket in one write; of many, as much as a bite at a time, so that
 * it can be seen whether the client takes them, and whatever the socket does not hold yet can still be dropped.
 */
import type { Bytes } from "@kvorum/core";
import { BLOCK_BYTES, type BlockPool } from "./block-pool.ts";

/** The part of a socket that output needs. */
export interface Sink {
  cork(): void;
  uncork(): void;
  write(bytes: Bytes, written: () => void): boolean;
}

/** Bytes on their way; `block` goes back to the pool afterwards. */
interface Segment {
  readonly bytes: Bytes;
  readonly block: Buffer | null;
}

const SHORT_BYTES = 32;
/** No more than this is handed to the socket before it has taken what it was handed before. */
export const BITE_BYTES = 256 * 1024;

export class Output {
  /** Bytes that the operating system has not taken yet. */
  unsent = 0;
  /** When bytes began to wait, or the operating system took some last. */
  takenMs = 0;
  readonly #pool: BlockPool;
  readonly #sink: Sink;
  readonly #nowMs: () => number;
  readonly #onTaken: () => void;
  #segments: Segment[] = [];
  /** What the socket is busy with, in order. */
  readonly #writing: Segment[] = [];
  #block: Buffer | null = null;
  #end = 0;
  /** One for all writes: they end in the order in which they began. */
  readonly #onWritten = (): void => {
    const segment = this.#writing.shift();
    if (segment === undefined) return;
    this.unsent -= segment.bytes.length;
    if (segment.block !== null) this.#pool.give(segment.block);
    if (this.#writing.length > 0) return;
    this.takenMs = this.#nowMs();
    this.#bite();
    this.#onTaken();
  };

  /** `onTaken` hears each time when the socket has taken all that it was handed. */
  constructor(pool: BlockPool, sink: Sink, nowMs: () => number, onTaken: () => void) {
    this.#pool = pool;
    this.#sink = sink;
    this.#nowMs = nowMs;
    this.#onTaken = onTaken;
  }

  /** Copies `bytes[from .. to)`. */
  append(bytes: Bytes, from: number, to: number): void {
    this.#grow(to - from);
    let at = from;
    while (at < to) {
      const block = (this.#block ??= this.#pool.take());
      const count = Math.min(to - at, BLOCK_BYTES - this.#end);
      copy(block, this.#end, bytes, at, count);
      this.#end += count;
      at += count;
      if (this.#end === BLOCK_BYTES) this.#seal();
    }
  }

  /** Takes the bytes over; they must not change any more. */
  adopt(bytes: Bytes): void {
    this.#grow(bytes.length);
    this.#seal();
    for (let at = 0; at < bytes.length; at += BITE_BYTES) {
      this.#segments.push({ bytes: bytes.subarray(at, at + BITE_BYTES), block: null });
    }
  }

  /** Everything goes to the socket, in one system call where it takes it; or waits, and goes on filling blocks. */
  flush(): void {
    if (this.#writing.length === 0) this.#bite();
  }

  /** Whether the socket has been handed everything. */
  get isHandedOver(): boolean {
    return this.#segments.length === 0 && this.#block === null;
  }

  /** Since when the socket has taken nothing of what it was handed before this turn; `Infinity`: it has taken all. */
  get stuckMs(): number {
    return this.#writing.length > 0 ? this.takenMs : Infinity;
  }

  /** The connection is gone: what has not reached the socket is dropped. */
  discard(): void {
    this.#seal();
    for (const { bytes, block } of this.#segments) {
      this.unsent -= bytes.length;
      if (block !== null) this.#pool.give(block);
    }
    this.#segments = [];
  }

  #grow(count: number): void {
    if (this.unsent === 0) this.takenMs = this.#nowMs();
    this.unsent += count;
  }

  #bite(): void {
    this.#seal();
    const segments = this.#segments;
    if (segments.length === 0) return;
    let bytes = 0;
    let count = 0;
    while (count < segments.length && bytes < BITE_BYTES) bytes += segments[count++]?.bytes.length ?? 0;
    if (count > 1) this.#sink.cork();
    for (let i = 0; i < count; i++) {
      const segment = segments[i];
      if (segment === undefined) break;
      this.#writing.push(segment);
      this.#sink.write(segment.bytes, this.#onWritten);
    }
    if (count > 1) this.#sink.uncork();
    if (count === segments.length) segments.length = 0;
    else this.#segments = segments.slice(count);
  }

  #seal(): void {
    const block = this.#block;
    if (block === null) return;
    this.#segments.push({ bytes: block.subarray(0, this.#end), block });
    this.#block = null;
    this.#end = 0;
  }
}

function copy(to: Bytes, at: number, from: Bytes, start: number, count: number): void {
  if (count > SHORT_BYTES) {
    to.set(from.subarray(start, start + count), at);
  } else {
    for (let i = 0; i < count; i++) to[at + i] = from[start + i] ?? 0;
  }
}
