import type { Patch } from "./patched-core.ts";

/** A planted bug: a small patch of shipped core that a checker must catch. */
export interface Canary {
  readonly name: string;
  /** What goes wrong, and which rule of the design forbids it. */
  readonly trap: string;
  readonly patches: readonly Patch[];
  /** The checkers that may catch it: it has to be seen from outside. */
  readonly checkers: readonly string[];
  /** Known to catch it. A search from any other seed has to catch it within `SEEDS_MAX`, or `seedsMax`. */
  readonly seed: number;
  /** Of one that needs a rare meeting of events, which a directed schedule makes happen every time. */
  readonly seedsMax?: number;
}

export const SEEDS_MAX = 200;

/** One replacement in one file below core's `dist`. */
export function patch(file: string, find: string, replace: string): Patch {
  return { file, find, replace };
}

/** What loses or revives a write is seen by several, whichever looks first. */
export const SAFETY = ["durability", "quorum", "resurrection", "visibility", "sets"] as const;
