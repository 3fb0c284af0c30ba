/** Ranks by Zipf's law: rank k comes in proportion to 1 / k^skew. */
import type { Random } from "@kvorum/core";
import { between } from "../world/draws.ts";

/** Whole numbers, so that a last digit of a power changes nothing. */
const SCALE = 1_000_000;

export class Zipf {
  readonly #bounds: number[] = [];

  /** Ranks 1 .. `count`; `skew` 0 makes all alike. */
  constructor(count: number, skew: number) {
    let sum = 0;
    for (let rank = 1; rank <= count; rank++) {
      sum += Math.max(1, Math.round(SCALE / rank ** skew));
      this.#bounds.push(sum);
    }
  }

  draw(random: Random): number {
    const at = between(random, 1, this.#bounds.at(-1) ?? 1);
    return this.#bounds.findIndex((bound) => at <= bound) + 1;
  }
}
