/**
 * Seeded chance: xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018, public
 * domain). It makes simulations and placements repeatable; it is no source of secrets.
 */
import { assert } from "./assert.ts";
import { hash32 } from "./hash.ts";
import { utf8Encode } from "./utf8.ts";

const TWO_32 = 2 ** 32;

/** Its shape is that of the port `Random`. */
export class Prng {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Any safe integer from 0 makes a stream of its own. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed) && seed >= 0, "a seed is a safe integer, not negative");
    this.#seed = seed;
    const low = seed | 0;
    const high = (seed / TWO_32) | 0;
    this.#a = mix(low + 0x9e3779b9);
    this.#b = mix(high + this.#a);
    this.#c = mix(low + this.#b);
    // Four zeros would stay zeros for ever.
    this.#d = mix(high + this.#c) | 1;
  }

  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number {
    const b = this.#b;
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform in 0 .. n - 1, for a whole n from 1 to 2^32. */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= TWO_32, "below needs a whole number from 1 to 2^32");
    const fair = TWO_32 - (TWO_32 % n);
    let drawn = this.u32();
    while (drawn >= fair) drawn = this.u32();
    return drawn % n;
  }

  /** Uniform in 0 .. 1, 1 excluded, in steps of 2^-53. */
  unit(): number {
    const high = this.u32() >>> 5;
    const low = this.u32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /**
   * A stream of its own for whoever bears this name. It depends on the seed and the name alone, not on what has
   * been drawn, so that one consumer more or less shifts nobody else's chance.
   */
  fork(name: string): Prng {
    const bytes = utf8Encode(name);
    const low = hash32(bytes, 0, bytes.length, this.#seed | 0);
    const high = hash32(bytes, 0, bytes.length, mix((this.#seed / TWO_32) | 0) ^ mix(low));
    return new Prng((high >>> 11) * TWO_32 + low);
  }
}

/** The finaliser of MurmurHash3: a bijection in which every bit depends on every other. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
