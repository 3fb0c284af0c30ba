/** What the simulator draws from a stream of chance. */
import type { Random } from "@kvorum/core";

// Taken before any run begins: the guard keeps it closed, for core must not use it at all.
const { log } = Math;

/** A whole number in `low .. high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor((random.u32() / 0x1_0000_0000) * (high - low + 1));
}

/** True once in `oneIn` times. */
export function oneIn(random: Random, times: number): boolean {
  return random.u32() < 0x1_0000_0000 / times;
}

export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[between(random, 0, choices.length - 1)] ?? choices[0];
}

/** Exponentially distributed with this mean, at most twelve times it, rounded: engines differ in a logarithm's last digits. */
export function exponential(random: Random, mean: number): number {
  const uniform = (random.u32() + 1) / 0x1_0000_0000;
  return Math.round(Math.min(-log(uniform), 12) * mean);
}
