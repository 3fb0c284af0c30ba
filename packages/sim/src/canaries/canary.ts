import type { Patch } from "./patched-core.ts";

/** A planted bug: a small patch of shipped core that a checker must catch. */
export interface Canary {
  readonly name: string;
  /** What goes wrong, and which rule of the design forbids it. */
  readonly trap: string;
  readonly patches: readonly Patch[];
  /** The checkers that may catch it: it has to be seen from outside. */
  readonly checkers: readonly string[];
  /** The first seed is known to catch it; it has to be caught within `seedsMax` from there. */
  readonly seed: number;
  readonly seedsMax: number;
}
