/**
 * Cuts the bytes of one link into frames. A frame that lies inside one chunk is handed on where it lies; one that
 * arrives in pieces is collected in memory that grows with what has arrived, never with what a length claims.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { FRAME_HEADER_BYTES, FrameHeader } from "./frame.ts";

const HELD_BYTES_MIN = 4 * 1024;
/** Memory for pieces that is kept for the next frame; more than this is let go. */
const HELD_BYTES_KEPT = 256 * 1024;

export interface FrameUser {
  /**
   * One whole payload, `bytes[from .. to)`, lent until return. False: the link is being closed, and nothing more
   * of it is wanted.
   */
  onFrame(bytes: Bytes, from: number, to: number, epoch: number, clock: number): boolean;
}

export class FrameParser {
  /** The longest payload that is believed; a link that has not said who it is gets little. */
  payloadBytesMax: number;
  readonly #user: FrameUser;
  readonly #header = new FrameHeader();
  #held: Bytes = EMPTY_BYTES;
  #heldLength = 0;
  /** How much must be held before something can be done: a header, then header and payload. */
  #needed = FRAME_HEADER_BYTES;
  #failure = "";
  #stopped = false;

  constructor(user: FrameUser, payloadBytesMax: number) {
    this.#user = user;
    this.payloadBytesMax = payloadBytesMax;
  }

  /** The violation in words; empty while there is none. */
  get failure(): string {
    return this.#failure;
  }

  /** How much memory is held for a frame that has begun to arrive. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Bytes of the link, split anywhere, lent until return. False: no more of this link is to be parsed. */
  push(chunk: Bytes): boolean {
    let at = this.#heldLength > 0 && !this.#stopped ? this.#continueHeld(chunk) : 0;
    while (!this.#stopped && at < chunk.length) {
      const left = chunk.length - at;
      if (left < FRAME_HEADER_BYTES) {
        this.#hold(chunk, at, left);
        break;
      }
      if (!this.#readHeader(chunk, at)) break;
      const whole = FRAME_HEADER_BYTES + this.#header.length;
      if (left < whole) {
        this.#needed = whole;
        this.#hold(chunk, at, left);
        break;
      }
      this.#deliver(chunk, at);
      at += whole;
    }
    return !this.#stopped;
  }

  /** Adds to the frame that has begun; returns how much of the chunk it took. */
  #continueHeld(chunk: Bytes): number {
    let at = 0;
    for (;;) {
      const take = Math.min(this.#needed - this.#heldLength, chunk.length - at);
      this.#hold(chunk, at, take);
      at += take;
      if (this.#heldLength < this.#needed) return at;
      if (this.#needed > FRAME_HEADER_BYTES) break;
      if (!this.#readHeader(this.#held, 0)) return at;
      this.#needed = FRAME_HEADER_BYTES + this.#header.length;
    }
    const held = this.#held;
    this.#heldLength = 0;
    this.#needed = FRAME_HEADER_BYTES;
    if (held.length > HELD_BYTES_KEPT) this.#held = EMPTY_BYTES;
    this.#deliver(held, 0);
    return at;
  }

  #hold(chunk: Bytes, from: number, count: number): void {
    const end = this.#heldLength + count;
    if (end > this.#held.length) {
      const capacity = Math.max(end, Math.min(this.#needed, this.#held.length * 2), HELD_BYTES_MIN);
      const grown = new Uint8Array(capacity);
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(chunk.subarray(from, from + count), this.#heldLength);
    this.#heldLength = end;
  }

  #readHeader(bytes: Bytes, at: number): boolean {
    const violation = this.#header.read(bytes, at, this.payloadBytesMax);
    return violation === null || this.#fail(violation);
  }

  #deliver(bytes: Bytes, at: number): void {
    const from = at + FRAME_HEADER_BYTES;
    const to = from + this.#header.length;
    if (crc32c(bytes, from, to) !== this.#header.payloadCrc) {
      this.#fail("a frame's payload fails its checksum");
    } else if (!this.#user.onFrame(bytes, from, to, this.#header.epoch, this.#header.clock)) {
      this.#stop();
    }
  }

  #fail(violation: string): false {
    this.#failure = violation;
    this.#stop();
    return false;
  }

  #stop(): void {
    this.#stopped = true;
    this.#held = EMPTY_BYTES;
    this.#heldLength = 0;
  }
}
