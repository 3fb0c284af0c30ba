/** Real time for histories: whole microseconds since the run began, and no instant twice, so that what happened first stands first. */
export class RealClock {
  readonly #startMs = performance.now();
  #lastUs = 0;

  get nowUs(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, Math.floor((performance.now() - this.#startMs) * 1000));
    return this.#lastUs;
  }
}
