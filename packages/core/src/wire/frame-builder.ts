/**
 * Wraps what is written to one link in frames. The header's place is reserved when the first message of a turn is
 * about to be written, and filled in when the turn ends, so that messages are encoded once, where they are sent from.
 */
import { assert } from "../base/assert.ts";
import { crc32c } from "../base/crc32c.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { FRAME_HEADER_BYTES, FRAME_HEADER_SUMMED, FRAME_MAGIC, FRAME_VERSION } from "./frame.ts";

/** A frame that has grown past this is finished, so that the receiver can begin with it. */
export const FRAME_BYTES_FULL = 256 * 1024;

const NONE = -1;

export class FrameBuilder {
  /** Where the open frame begins in its writer. */
  #start = NONE;

  get open(): boolean {
    return this.#start !== NONE;
  }

  /** Whether the open frame should be finished before another message. */
  full(writer: LinkWriter): boolean {
    return this.#start !== NONE && writer.end - this.#start > FRAME_BYTES_FULL;
  }

  /** Opens a frame unless one is open. The writer must not be flushed before `finish`. */
  begin(writer: LinkWriter): void {
    if (this.#start !== NONE) return;
    writer.ensure(FRAME_HEADER_BYTES);
    this.#start = writer.end;
    writer.end += FRAME_HEADER_BYTES;
  }

  /** Fills in the header; a frame without messages is taken back. Does nothing when none is open. */
  finish(writer: LinkWriter, epoch: number, clock: number): void {
    const start = this.#start;
    if (start === NONE) return;
    this.#start = NONE;
    const payload = start + FRAME_HEADER_BYTES;
    assert(writer.end >= payload, "nobody flushes a writer with an open frame");
    if (writer.end === payload) {
      writer.end = start;
      return;
    }
    const view = writer.view;
    view.setUint32(start, FRAME_MAGIC);
    view.setUint8(start + 4, FRAME_VERSION);
    view.setUint8(start + 5, 0);
    view.setUint16(start + 6, 0);
    view.setUint32(start + 8, epoch);
    view.setUint32(start + 12, Math.floor(clock / 0x1_0000_0000));
    view.setUint32(start + 16, clock >>> 0);
    view.setUint32(start + 20, writer.end - payload);
    view.setUint32(start + 24, crc32c(writer.bytes, payload, writer.end));
    view.setUint32(start + 28, crc32c(writer.bytes, start, start + FRAME_HEADER_SUMMED));
  }

  /** The link is gone, and what was written with it. */
  abandon(): void {
    this.#start = NONE;
  }
}
