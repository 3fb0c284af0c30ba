/** For what may happen thousands of times a second and is worth one line: the first, and then how many more. */

const EVERY_MS = 1_000;

export class Rarely {
  readonly #everyMs: number;
  #saidMs = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(everyMs = EVERY_MS) {
    this.#everyMs = everyMs;
  }

  /** Null when it is too early to say it again; else how many went unsaid since the last time. `nowMs` never falls. */
  admit(nowMs: number): number | null {
    if (nowMs - this.#saidMs < this.#everyMs) {
      this.#unsaid++;
      return null;
    }
    const unsaid = this.#unsaid;
    this.#saidMs = nowMs;
    this.#unsaid = 0;
    return unsaid;
  }
}
