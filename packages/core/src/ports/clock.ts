/** Time as a member can see it. */
export interface Clock {
  /** Milliseconds since 1970 by the machine's wall clock, whole or fractional. It may step, either way. */
  wallMs(): number;
  /** Milliseconds since some fixed instant of this process. It never steps back. */
  monoMs(): number;
}

/** One wake-up per member; core's timer wheel shares it among all its timers. */
export interface Alarm {
  /** Call `onAlarm` at or after this instant of `monoMs`. A later call replaces an earlier one. */
  wakeAt(monoMs: number): void;
}
