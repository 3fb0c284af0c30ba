/** A mean that forgets: each sample weighs half of what it did `halfLifeSamples` samples later. */
import { assert } from "./assert.ts";

export class Ewma {
  readonly #share: number;
  #value = 0;
  #empty = true;

  constructor(halfLifeSamples: number) {
    assert(halfLifeSamples > 0, "a half-life is positive");
    this.#share = oneMinusHalfToThe(1 / halfLifeSamples);
  }

  /** 0 before the first sample. */
  get value(): number {
    return this.#value;
  }

  add(sample: number): void {
    if (this.#empty) this.#value = sample;
    else this.#value += (sample - this.#value) * this.#share;
    this.#empty = false;
  }
}

/** 1 - 2^-x by its series, since the last digits of the built-in powers depend on the engine. */
function oneMinusHalfToThe(x: number): number {
  const exponent = x * Math.LN2;
  let term = 1;
  let sum = 0;
  for (let i = 1; i < 30; i++) {
    term *= -exponent / i;
    sum -= term;
  }
  return sum;
}
