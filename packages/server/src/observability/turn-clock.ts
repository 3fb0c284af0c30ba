/**
 * The time, read once for all that a turn begins: what is read in one turn had arrived when it began, so its first
 * reading serves them all. Readings never go back.
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
