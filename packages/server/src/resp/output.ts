/**
 * The outgoing bytes of one connection. Replies are copied into pooled blocks as they come, large ones are taken over
 * as they are, and `flush` hands everything to the socket in one write.
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

export class Output {
  /** Bytes that the operating system has not taken yet. */
  unsent = 0;
  readonly #pool: BlockPool;
  readonly #sink: Sink;
  readonly #onDrained: () => void;
  readonly #segments: Segment[] = [];
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
    if (this.#writing.length === 0) this.#onDrained();
  };

  constructor(pool: BlockPool, sink: Sink, onDrained: () => void) {
    this.#pool = pool;
    this.#sink = sink;
    this.#onDrained = onDrained;
  }

  /** Copies `bytes[from .. to)`. */
  append(bytes: Bytes, from: number, to: number): void {
    this.unsent += to - from;
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
    this.unsent += bytes.length;
    this.#seal();
    this.#segments.push({ bytes, block: null });
  }

  /** Everything goes to the socket, in one system call where it takes it. */
  flush(): void {
    this.#seal();
    const count = this.#segments.length;
    if (count === 0) return;
    if (count > 1) this.#sink.cork();
    for (const segment of this.#segments) {
      this.#writing.push(segment);
      this.#sink.write(segment.bytes, this.#onWritten);
    }
    this.#segments.length = 0;
    if (count > 1) this.#sink.uncork();
  }

  /** The connection is gone: what has not reached the socket is dropped. */
  discard(): void {
    this.#seal();
    for (const { block } of this.#segments) if (block !== null) this.#pool.give(block);
    this.#segments.length = 0;
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
