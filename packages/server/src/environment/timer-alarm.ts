/** The Alarm port: one wake-up by one timer of Node, which is replaced only when an earlier one is needed. */
import type { Alarm, Clock } from "@kvorum/core";

/** The longest that Node's timers can wait. */
const WAIT_MS_MAX = 2_147_483_647;

export class TimerAlarm implements Alarm {
  readonly #clock: Clock;
  readonly #onAlarm: () => void;
  #wanted = Infinity;
  #armedFor = Infinity;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(clock: Clock, onAlarm: () => void) {
    this.#clock = clock;
    this.#onAlarm = onAlarm;
  }

  wakeAt(monoMs: number): void {
    this.#wanted = monoMs;
    // A timer that fires too early finds out and waits on: cheaper than replacing it for every later deadline.
    if (monoMs < this.#armedFor && !this.#stopped) this.#arm();
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    this.#wanted = Infinity;
    this.#armedFor = Infinity;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#armedFor = this.#wanted;
    const waitMs = Math.min(Math.max(Math.ceil(this.#wanted - this.#clock.monoMs()), 0), WAIT_MS_MAX);
    this.#timer = setTimeout(() => this.#fired(), waitMs);
  }

  #fired(): void {
    this.#timer = null;
    this.#armedFor = Infinity;
    if (this.#wanted === Infinity) return;
    if (this.#clock.monoMs() < this.#wanted) {
      this.#arm();
      return;
    }
    this.#wanted = Infinity;
    this.#onAlarm();
  }
}
