/** Whether somebody wants a long command to end: Ctrl-C, a closed terminal, a kill. */
export class StopWish {
  #count = 0;
  #listener: ((count: number) => void) | null = null;

  /** From now on the signals end nothing by themselves. */
  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        this.#count++;
        this.#listener?.(this.#count);
      });
    }
  }

  get wished(): boolean {
    return this.#count > 0;
  }

  /** Tells of each wish, of an earlier one at once, with the number of wishes so far. */
  tell(listener: (count: number) => void): void {
    this.#listener = listener;
    if (this.#count > 0) listener(this.#count);
  }
}
