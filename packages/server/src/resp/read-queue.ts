/**
 * How many bytes of values all connections together are being read for. Nobody knows the size of a value before it is
 * there, so each read is charged what its connection expects (see `ReadWindow`), and more as more turns up. A read that
 * does not fit waits with its whole connection, in the order in which they came; the largest may take a part only, so
 * small ones need not wait for them, and tiny ones wait for nobody while there is any room. What a client does not take of its replies counts for large reads, too.
 */
import type { Budget } from "./budget.ts";

/** Who waits for room. */
export interface Reader {
  /** There may be room: it asks again. */
  wake(): void;
  /** There has been none for as long as its command may take. `text` is an error reply. */
  refuseRead(text: string): void;
  /** How long its command may wait, in ms. */
  readonly patienceMs: number;
}

/** Before anything is known. */
const TYPICAL_BYTES = 16 * 1024;
const LEARNING = 1 / 64;
/** Reads of no more than this wait for no other. */
const TINY_BYTES = 16 * 1024;
/** Large reads may take so much of the room. */
const LARGE_SHARE = 3 / 4;
/** After this long without room, clients that take nothing of what they were sent are not waited for any more. */
const STARVED_MS = 1_000;
/** No more is begun in one turn: values that are in memory are answered at once, and copying them takes time. */
const TURN_BYTES = 4 * 1024 * 1024;

interface Wish {
  readonly bytes: number;
  /** Since when it waits, in ms. */
  readonly sinceMs: number;
}

interface Lane {
  readonly bytesMax: number;
  readonly waiting: Map<Reader, Wish>;
}

export class ReadQueue {
  /** How large a value is that is read here, in the mean over the last few dozen commands. */
  typicalBytes = TYPICAL_BYTES;
  #turnBytes = 0;
  readonly #reading: Budget;
  readonly #output: Budget;
  readonly #nowMs: () => number;
  readonly #smallBytesMax: number;
  readonly #small: Lane;
  readonly #large: Lane;

  /** A read that is charged at most `smallBytesMax` is a small one. */
  constructor(reading: Budget, output: Budget, smallBytesMax: number, nowMs: () => number) {
    this.#reading = reading;
    this.#output = output;
    this.#nowMs = nowMs;
    this.#smallBytesMax = smallBytesMax;
    this.#small = { bytesMax: reading.bytesMax, waiting: new Map() };
    this.#large = { bytesMax: LARGE_SHARE * reading.bytesMax, waiting: new Map() };
  }

  /** Whether a read that is charged so much may begin, and then it is charged; otherwise the reader waits in line. */
  admits(reader: Reader, bytes: number): boolean {
    const lane = bytes <= this.#smallBytesMax ? this.#small : this.#large;
    if (!this.#mayBegin(lane, reader, bytes)) {
      const sinceMs = lane.waiting.get(reader)?.sinceMs ?? this.#nowMs();
      lane.waiting.set(reader, { bytes, sinceMs });
      return false;
    }
    this.#reading.bytes += bytes;
    this.#turnBytes += bytes;
    lane.waiting.delete(reader);
    return true;
  }

  /** The turn is over. */
  endTurn(): void {
    if (this.#turnBytes === 0) return;
    this.#turnBytes = 0;
    this.#wake(this.#small);
    this.#wake(this.#large);
  }

  /** Charges a read more than was expected, `allBytes` in all; false: that is beyond the bound, and it is not alone. */
  grow(bytes: number, allBytes: number): boolean {
    this.#reading.bytes += bytes;
    return !this.#reading.isOver || this.#reading.bytes === allBytes;
  }

  /** A command has read so many values, of so many bytes together. */
  learn(values: number, bytes: number): void {
    if (values > 0) this.typicalBytes += (bytes / values - this.typicalBytes) * LEARNING;
  }

  /** What was charged for a read has become a reply, or nobody wants it. */
  give(bytes: number): void {
    this.#reading.bytes -= bytes;
    this.#wake(this.#small);
    this.#wake(this.#large);
  }

  /** The reader waits for something else first, or has gone. */
  forget(reader: Reader): void {
    for (const lane of [this.#small, this.#large]) if (lane.waiting.delete(reader)) this.#wake(lane);
  }

  /** Whether reads wait for clients that do not take their replies. */
  get isStarved(): boolean {
    if (!this.#output.isTight) return false;
    const [first] = this.#large.waiting.values();
    return first !== undefined && this.#nowMs() - first.sinceMs > STARVED_MS;
  }

  /** Refuses those that have waited for too long, and sees to it that no other is forgotten. */
  sweep(nowMs: number): void {
    for (const lane of [this.#small, this.#large]) {
      for (const [reader, { sinceMs }] of lane.waiting) {
        if (nowMs - sinceMs < reader.patienceMs) continue;
        lane.waiting.delete(reader);
        reader.refuseRead(this.#text());
      }
      this.#wake(lane);
    }
  }

  /** The first of a lane, as far as there is room: they ask in this order, and those before them are in it then. */
  #wake(lane: Lane): void {
    let bytes = 0;
    for (const [reader, wish] of lane.waiting) {
      bytes += wish.bytes;
      if (!this.#fits(lane, bytes)) return;
      reader.wake();
    }
  }

  /** The error reply of a read that found no room. */
  #text(): string {
    const { bytes, bytesMax } = this.#reading;
    return (
      `OVERLOADED values being read for all clients are ${bytes} bytes and their unread replies ` +
      `${this.#output.bytes}, the limits are ${bytesMax} and ${this.#output.bytesMax} (outputTotalBytesMax); ` +
      "nothing was done; retry after 50 ms"
    );
  }

  #mayBegin(lane: Lane, reader: Reader, bytes: number): boolean {
    if (bytes <= TINY_BYTES && this.#reading.bytes + bytes <= this.#reading.bytesMax) return true;
    const [first] = lane.waiting.keys();
    return (first === undefined || first === reader) && this.#fits(lane, bytes);
  }

  /** One alone always may, but for replies that are not taken. */
  #fits(lane: Lane, bytes: number): boolean {
    if (this.#turnBytes > 0 && this.#turnBytes + bytes > TURN_BYTES) return false;
    const reading = this.#reading.bytes;
    if (reading > 0 && reading + bytes > lane.bytesMax) return false;
    return lane === this.#small || reading + bytes + this.#output.bytes <= this.#output.bytesMax;
  }
}
