/**
 * How late the event loop is: a timer that is due every 20 ms looks when it really ran. What delays it delays every
 * request; so it is counted, and a delay that others could take for a failure is told.
 */
import type { Events } from "@kvorum/core";
import { FixedHistogram, type BucketCounts } from "./fixed-histogram.ts";
import { Rarely } from "./rarely.ts";

const EVERY_MS = 20;
/** Half of what makes other members suspect this one. */
const STALL_MS = 300;

export class LoopWatch {
  readonly #events: Events;
  readonly #read: () => number;
  readonly #delays = new FixedHistogram(1);
  readonly #rarely = new Rarely();
  readonly #timer: NodeJS.Timeout;
  #dueMs: number;
  #stalls = 0;

  /** `read`: a monotonic clock in ms. */
  constructor(events: Events, read: () => number = () => performance.now()) {
    this.#events = events;
    this.#read = read;
    this.#dueMs = read() + EVERY_MS;
    this.#timer = setInterval(() => this.look(), EVERY_MS).unref();
  }

  /** How late the timer was, over all times. */
  get delays(): BucketCounts {
    return this.#delays.read(0);
  }

  /** How often it was late by `STALL_MS` or more. */
  get stalls(): number {
    return this.#stalls;
  }

  /** The timer has run. */
  look(): void {
    const nowMs = this.#read();
    const lateMs = nowMs - this.#dueMs;
    this.#dueMs = nowMs + EVERY_MS;
    this.#delays.add(0, lateMs);
    if (lateMs < STALL_MS) return;
    this.#stalls++;
    const others = this.#rarely.admit(nowMs);
    if (others === null) return;
    const text = `nothing ran here for ${Math.round(lateMs)} ms: the process was paused, the machine is overloaded, or one request took too long`;
    this.#events.event("warn", "loop-stalled", text, { lateMs: Math.round(lateMs), others });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
