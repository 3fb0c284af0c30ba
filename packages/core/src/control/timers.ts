/**
 * All timers of a member on the one alarm it has. The alarm is set again only when something is due earlier than
 * it stands: it may ring for a timer cancelled meanwhile, which costs one look at the wheel.
 */
import { type Timer, TimerWheel } from "../base/timer-wheel.ts";
import type { Alarm, Clock } from "../ports/clock.ts";

export class Timers {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #wheel: TimerWheel;
  /** When the alarm will ring, in `monoMs`; Infinity when it is not set. */
  #alarmMs = Infinity;
  #firing = false;

  constructor(clock: Clock, alarm: Alarm) {
    this.#clock = clock;
    this.#alarm = alarm;
    this.#wheel = new TimerWheel(clock.monoMs());
  }

  /** By the clock that all due times refer to. */
  nowMs(): number {
    return this.#clock.monoMs();
  }

  /** Sets a timer, or sets it anew, for an instant of `nowMs`. */
  at(timer: Timer, dueMs: number): void {
    this.#wheel.schedule(timer, dueMs);
    if (!this.#firing && dueMs < this.#alarmMs) this.#wakeAt(dueMs);
  }

  after(timer: Timer, delayMs: number): void {
    this.at(timer, this.#clock.monoMs() + delayMs);
  }

  cancel(timer: Timer): void {
    this.#wheel.cancel(timer);
  }

  /** The alarm has rung; or somebody thinks it should have. */
  onAlarm(): void {
    this.#alarmMs = Infinity;
    this.#firing = true;
    this.#wheel.advance(this.#clock.monoMs());
    this.#firing = false;
    const nextMs = this.#wheel.nextDueMs();
    if (nextMs < Infinity) this.#wakeAt(nextMs);
  }

  #wakeAt(dueMs: number): void {
    this.#alarmMs = dueMs;
    this.#alarm.wakeAt(dueMs);
  }
}
