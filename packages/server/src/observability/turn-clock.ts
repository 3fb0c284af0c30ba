/**
 * The time, read once for all that happens together: a pipeline of a hundred commands is measured with two readings,
 * not two hundred. Readings never go back; the error is at most what the event loop did since the last one.
 */
export class TurnClock {
  readonly #read: () => number;
  #nowMs = 0;
  #fresh = false;

  /** `read`: a monotonic clock in ms. */
  constructor(read: () => number = () => performance.now()) {
    this.#read = read;
  }

  /** The last reading of this turn, or a new one. */
  nowMs(): number {
    if (!this.#fresh) this.refresh();
    return this.#nowMs;
  }

  /** Something new begins: read again. */
  refresh(): void {
    this.#nowMs = this.#read();
    this.#fresh = true;
  }

  /** The turn has ended, and time passes until the next. */
  forget(): void {
    this.#fresh = false;
  }
}
