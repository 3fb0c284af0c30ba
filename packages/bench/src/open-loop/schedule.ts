/**
 * Constant arrivals: request k is due k ÷ rate after the start, however long the ones before it take. What a request
 * waited because the driver was late, or because others before it were slow, belongs to its latency (G. Tene's
 * "coordinated omission" is to leave it out).
 */
export class Schedule {
  readonly #startMs: number;
  readonly #perMs: number;
  #count: number;
  #next = 0;

  /** `perSecond` requests a second from `startMs` on, for so many seconds. */
  constructor(startMs: number, perSecond: number, seconds: number) {
    this.#startMs = startMs;
    this.#perMs = perSecond / 1000;
    this.#count = Math.floor(perSecond * seconds);
  }

  get isOver(): boolean {
    return this.#next >= this.#count;
  }

  /** Nothing more is due, now or later. */
  end(): void {
    this.#count = this.#next;
  }

  /** When the next request was to start, if that is now or in the past; null when none is due. */
  take(nowMs: number): number | null {
    if (this.isOver) return null;
    const dueMs = this.#startMs + this.#next / this.#perMs;
    if (dueMs > nowMs) return null;
    this.#next++;
    return dueMs;
  }
}
