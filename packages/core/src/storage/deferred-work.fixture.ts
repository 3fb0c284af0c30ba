/** Completions that wait until a test lets them happen, one by one: between two of them a crash can be. */
import type { Defer } from "./memory-engine.ts";

export class DeferredWork {
  #waiting: (() => void)[] = [];

  readonly defer: Defer = (_operation, _bytes, deliver) => {
    this.#waiting.push(deliver);
  };

  get size(): number {
    return this.#waiting.length;
  }

  /** Delivers one completion, the oldest by default; false when there is none. */
  step(index = 0): boolean {
    const [deliver] = this.#waiting.splice(index, 1);
    if (deliver === undefined) return false;
    deliver();
    return true;
  }

  /** Delivers until nothing is left. */
  drain(): void {
    while (this.step());
  }
}
