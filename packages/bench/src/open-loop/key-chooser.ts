/** Which key a request is about: all alike, or by Zipf's law as in YCSB. */
import type { Random } from "@kvorum/core";

export const DISTRIBUTIONS = ["uniform", "zipfian"] as const;

export type Distribution = (typeof DISTRIBUTIONS)[number];

/** YCSB's: the first of a million keys gets 1 request in 15. */
export const ZIPF_SKEW = 0.99;

const TWO_32 = 2 ** 32;

export interface KeyChooser {
  /** 0 .. count − 1. */
  next(): number;
}

/** 0 .. 1, 1 excluded. */
function unit(random: Random): number {
  return random.u32() / TWO_32;
}

class Uniform implements KeyChooser {
  readonly #count: number;
  readonly #random: Random;

  constructor(count: number, random: Random) {
    this.#count = count;
    this.#random = random;
  }

  next(): number {
    return Math.floor(unit(this.#random) * this.#count);
  }
}

/** Rank k comes in proportion to 1 ÷ k^skew: exactly, from a table of sums. */
class Zipfian implements KeyChooser {
  readonly #sums: Float64Array;
  readonly #random: Random;
  readonly #step: number;

  constructor(count: number, random: Random) {
    this.#sums = new Float64Array(count);
    this.#random = random;
    this.#step = coprimeStep(count);
    let sum = 0;
    for (let rank = 1; rank <= count; rank++) {
      sum += 1 / rank ** ZIPF_SKEW;
      this.#sums[rank - 1] = sum;
    }
  }

  next(): number {
    const sums = this.#sums;
    const at = unit(this.#random) * (sums[sums.length - 1] ?? 0);
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return keyOfRank(low, this.#step, sums.length);
  }
}

/** Neighbours in rank are far apart in keys, as hot keys are. A bijection, since the step shares no factor with `count`. */
function keyOfRank(rank: number, step: number, count: number): number {
  return (rank * step) % count;
}

function coprimeStep(count: number): number {
  let step = Math.floor(count * 0.618) | 1;
  while (greatestDivisor(step, count) !== 1) step += 2;
  return step;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

export function keyChooser(distribution: Distribution, count: number, random: Random): KeyChooser {
  return distribution === "uniform" ? new Uniform(count, random) : new Zipfian(count, random);
}

/** As `redis-benchmark` names them. */
export function keyName(index: number): string {
  return `key:${String(index).padStart(12, "0")}`;
}
