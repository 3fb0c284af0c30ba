/** Chance from the operating system, fetched by the block: one call per number would cost a microsecond each. */
import { getRandomValues } from "node:crypto";
import type { Random } from "@kvorum/core";

const BLOCK = 1024;

export class SystemRandom implements Random {
  readonly #block = new Uint32Array(BLOCK);
  #used = BLOCK;

  u32(): number {
    if (this.#used === BLOCK) {
      getRandomValues(this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++] ?? 0;
  }
}
