/** Numbers that name something once and for all: nobody else draws the same. */
import type { Random } from "../ports/random.ts";

/** 1 .. 2^48 - 1. */
export function drawNumber(random: Random): number {
  return Math.max(1, (random.u32() & 0xffff) * 2 ** 32 + random.u32());
}
