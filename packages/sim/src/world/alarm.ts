/** A process's one wake-up. Nothing is taken back in the scheduler: a wake-up that comes too early is ignored. */
import type { Alarm } from "@kvorum/core";
import type { ProcessClock } from "./clock.ts";
import type { Host } from "./host.ts";
import type { Scheduler, Target } from "./scheduler.ts";

export interface Wakeable {
  onAlarm(): void;
}

export class SimAlarm implements Alarm, Target {
  readonly #host: Host;
  readonly #clock: ProcessClock;
  readonly #scheduler: Scheduler;
  readonly #wakeable: Wakeable;
  #wantedUs = Infinity;
  /** The earliest instant at which the scheduler will call. */
  #armedUs = Infinity;

  constructor(host: Host, clock: ProcessClock, scheduler: Scheduler, wakeable: Wakeable) {
    this.#host = host;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#wakeable = wakeable;
  }

  wakeAt(monoMs: number): void {
    this.#wantedUs = monoMs === Infinity ? Infinity : this.#clock.instantUs(monoMs);
    this.#arm();
  }

  onDue(): void {
    this.#scheduler.countTick();
    const nowUs = this.#scheduler.nowUs;
    if (this.#armedUs <= nowUs) this.#armedUs = Infinity;
    if (this.#wantedUs > nowUs) {
      this.#arm();
      return;
    }
    if (!this.#host.admits(this, 0)) return;
    this.#wantedUs = Infinity;
    this.#wakeable.onAlarm();
  }

  #arm(): void {
    if (this.#wantedUs >= this.#armedUs) return;
    this.#armedUs = this.#wantedUs;
    this.#scheduler.at(this.#wantedUs, this, 0);
  }
}
