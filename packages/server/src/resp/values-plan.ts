/**
 * The values of a command on several keys, kept until all are there, unless they are more than its connection or all
 * connections together may hold. How large they are shows as they come, and so does how many may be under way.
 */
import { OUTCOMES, copyBytes, type Bytes, type GetResult } from "@kvorum/core";
import type { ReadPlan } from "./key-gather.ts";
import type { ReadQueue } from "./read-queue.ts";
import type { ReplySlot } from "./reply-slot.ts";
import type { Session } from "./session.ts";

export class ValuesPlan implements ReadPlan {
  readonly #slot: ReplySlot;
  readonly #reads: ReadQueue;
  readonly #bytesMax: number;
  #values: (Bytes | null)[];
  #bytes = 0;
  #taken = 0;
  /** The largest so far; what is expected, before the first. */
  #largest: number;
  #isOverload = false;

  /** `slot`: as charged for the read. */
  constructor({ face, expectedValueBytes }: Session, slot: ReplySlot, count: number) {
    this.#slot = slot;
    this.#reads = face.reads;
    this.#bytesMax = face.limits.outputBytesMax / 2;
    this.#values = new Array<Bytes | null>(count).fill(null);
    this.#largest = expectedValueBytes;
  }

  take(index: number, result: GetResult): boolean {
    const value = result.newestLive()?.value;
    const length = value?.length ?? 0;
    this.#largest = this.#taken++ === 0 ? length : Math.max(this.#largest, length);
    this.#bytes += length;
    this.#slot.seenBytes = this.#bytes;
    if (this.#isOverload || !this.#hasRoom()) {
      this.#values = [];
      return false;
    }
    if (value !== undefined) this.#values[index] = copyBytes(value);
    return true;
  }

  /** Whether what is kept may be as much as it is now; if all connections keep too much, this one keeps nothing. */
  #hasRoom(): boolean {
    if (this.#bytes > this.#bytesMax) return false;
    const grown = this.#bytes - this.#slot.readBytes;
    if (grown <= 0) return true;
    this.#slot.readBytes += grown;
    this.#isOverload = !this.#reads.grow(grown, this.#slot.readBytes);
    if (!this.#isOverload) return true;
    this.#reads.give(this.#slot.readBytes);
    this.#slot.readBytes = 0;
    return false;
  }

  /** As many as fit in one reply if they are like those seen. */
  fanOut(most: number): number {
    return Math.max(1, Math.min(most, Math.floor(this.#bytesMax / Math.max(1, this.#largest))));
  }

  done(slot: ReplySlot): void {
    if (this.#isOverload) {
      slot.error(
        `${OUTCOMES.OVERLOADED.resp} values are larger than expected, and others are being read; nothing was done; retry after 50 ms`,
      );
      return;
    }
    if (this.#bytes > this.#bytesMax) {
      slot.error(
        `TOOLARGE reply is ${this.#bytes} bytes, the limit is ${this.#bytesMax}; ask for fewer keys`,
      );
      return;
    }
    const out = slot.begin();
    out.array(this.#values.length);
    out.reserveBulks(this.#values.length, this.#bytes);
    for (const value of this.#values) {
      if (value === null) out.null();
      else out.bulk(value);
    }
    slot.end();
  }
}
