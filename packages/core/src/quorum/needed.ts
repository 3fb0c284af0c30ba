/** How many homes "quorum" and "all" mean for a given number of homes. */
import { assert } from "../base/assert.ts";

/** Ask for a majority of the homes. */
export const QUORUM = 0;
/** Ask for every home. */
export const ALL = -1;

/** `asked` is 1 .. n, `QUORUM` or `ALL`; more than there are homes means all of them. */
export function homesNeeded(asked: number, homes: number): number {
  assert(homes >= 1, "a key has a home");
  if (asked === QUORUM) return Math.floor(homes / 2) + 1;
  if (asked === ALL || asked > homes) return homes;
  assert(Number.isInteger(asked) && asked >= 1, "homes asked for are 1 to n, quorum or all");
  return asked;
}
