/** Replies of one connection on their way out, in the order of its commands: those that are early wait, parked. */
import type { Bytes } from "@kvorum/core";
import type { Output } from "./output.ts";
import { ReplyRing } from "./reply-ring.ts";
import type { ReplySlot, SlotPool } from "./reply-slot.ts";
import { PAGE_BYTES, type ReplyWriter } from "./reply-writer.ts";

export class ReplyLine {
  readonly ring = new ReplyRing();
  readonly #writer: ReplyWriter;
  readonly #slots: SlotPool;
  readonly #output: Output;
  /** Bytes of replies that wait for earlier ones. */
  #parkedBytes = 0;

  constructor(writer: ReplyWriter, slots: SlotPool, output: Output) {
    this.#writer = writer;
    this.#slots = slots;
    this.#output = output;
  }

  /** Bytes of replies that the client has not been sent. */
  get unsent(): number {
    return this.#output.unsent + this.#parkedBytes;
  }

  /** The reply in the writer is this slot's. */
  take(slot: ReplySlot): void {
    const writer = this.#writer;
    if (this.ring.first() !== slot) {
      writer.park(slot);
      this.#parkedBytes += slot.to - slot.from;
      return;
    }
    this.#send(writer.bytes, writer.from, writer.end);
    writer.forget();
    this.ring.shift();
    this.#slots.give(slot);
    this.#sendParked();
  }

  /** Nobody reads them any more. */
  drop(): void {
    this.#output.discard();
    for (let slot = this.ring.first(); slot !== null; slot = this.ring.first()) {
      this.ring.shift();
      if (!slot.done) continue;
      this.#writer.release(slot);
      this.#slots.give(slot);
    }
  }

  #sendParked(): void {
    for (let slot = this.ring.first(); slot !== null && slot.done; slot = this.ring.first()) {
      if (slot.page !== null) this.#send(slot.page.bytes, slot.from, slot.to);
      this.#parkedBytes -= slot.to - slot.from;
      this.#writer.release(slot);
      this.ring.shift();
      this.#slots.give(slot);
    }
  }

  #send(bytes: Bytes, from: number, to: number): void {
    if (bytes.length > PAGE_BYTES) this.#output.adopt(bytes.subarray(from, to));
    else this.#output.append(bytes, from, to);
  }
}
