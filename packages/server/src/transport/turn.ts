/**
 * The end of a turn. Whatever comes in (bytes, a file's completion, an alarm) is handed to the member at once and
 * arms the turn; when the event loop has handed in everything it had, the steps run once, in order: one journal round
 * and one write per socket for all of it, instead of one for each.
 */
export class Turn {
  readonly #steps: (() => void)[] = [];
  readonly #onFailure: (error: unknown) => void;
  #armed = false;
  #failed = false;
  readonly #run = (): void => {
    this.#armed = false;
    if (this.#failed) return;
    try {
      for (const step of this.#steps) step();
    } catch (error) {
      this.fail(error);
    }
  };

  /** `onFailure` hears of the first error thrown in core, which must end the process: after it nothing is believed. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Steps run in the order in which they were added. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Sees to it that the steps run when this iteration of the event loop has handed in what it had. */
  arm(): void {
    if (this.#armed || this.#failed) return;
    this.#armed = true;
    setImmediate(this.#run);
  }

  /** For adapters: core has thrown while it took an input. No step runs any more. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(error);
  }
}
