/**
 * A machine's clocks. Both run at the machine's own rate; the wall clock is off by an offset, which may step. The
 * monotonic clock of a process begins at zero when the process does.
 */
import type { Clock } from "@kvorum/core";
import type { Scheduler } from "./scheduler.ts";

/** Virtual time 0: 2025-01-01T00:00Z in ms since 1970. */
const EPOCH_MS = 1_735_689_600_000;

export class MachineClock {
  readonly #scheduler: Scheduler;
  readonly #rate: number;
  #offsetMs: number;
  #highestMs = 0;

  /** `driftPpm`: how many microseconds it gains in a second. */
  constructor(scheduler: Scheduler, driftPpm: number, offsetMs: number) {
    this.#scheduler = scheduler;
    this.#rate = 1 + driftPpm / 1_000_000;
    this.#offsetMs = offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  set offsetMs(offsetMs: number) {
    this.wallMs();
    this.#offsetMs = offsetMs;
  }

  wallMs(): number {
    const wallMs = EPOCH_MS + this.#offsetMs + (this.#scheduler.nowUs / 1000) * this.#rate;
    if (wallMs > this.#highestMs) this.#highestMs = wallMs;
    return wallMs;
  }

  /** The highest that its wall clock has shown. */
  get highestMs(): number {
    this.wallMs();
    return this.#highestMs;
  }

  /** How far the wall clock is ahead of the true time, in ms. */
  aheadMs(wallMs: number): number {
    return wallMs - EPOCH_MS - this.#scheduler.nowUs / 1000;
  }

  /** How long it takes this clock to advance from one instant of virtual time to now. */
  elapsedMs(sinceUs: number): number {
    return ((this.#scheduler.nowUs - sinceUs) / 1000) * this.#rate;
  }

  /** The first instant of virtual time at which `elapsedMs(sinceUs)` is at least `ms`. */
  instantUs(sinceUs: number, ms: number): number {
    return sinceUs + Math.ceil((ms * 1000) / this.#rate + 0.001);
  }
}

export class ProcessClock implements Clock {
  readonly #machine: MachineClock;
  readonly #bootUs: number;

  constructor(machine: MachineClock, bootUs: number) {
    this.#machine = machine;
    this.#bootUs = bootUs;
  }

  wallMs(): number {
    return this.#machine.wallMs();
  }

  monoMs(): number {
    return this.#machine.elapsedMs(this.#bootUs);
  }

  /** When, in virtual time, `monoMs` will have reached this. */
  instantUs(monoMs: number): number {
    return this.#machine.instantUs(this.#bootUs, monoMs);
  }
}
