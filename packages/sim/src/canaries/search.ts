/**
 * Flies the canaries: each must be caught, by a checker that it names, within `SEEDS_MAX` seeds from wherever the
 * search begins. A seed counts only if sound core passes it.
 */
import * as core from "@kvorum/core";
import { runSeed } from "../run-seed.ts";
import { type Canary, SEEDS_MAX } from "./canary.ts";
import { CANARIES } from "./list.ts";
import { loadPatchedCore } from "./patched-core.ts";

export interface Catch {
  readonly seed: number;
  readonly seeds: number;
  readonly checker: string;
}

/** Null when nobody caught it. */
export async function fly(canary: Canary, from: number, seedsMax: number): Promise<Catch | null> {
  const code = await loadPatchedCore(canary.patches);
  for (let tried = 0; tried < seedsMax; tried++) {
    const seed = from + tried;
    const caught = runSeed(seed, { code }).violations.find(({ checker }) =>
      canary.checkers.includes(checker),
    );
    if (caught === undefined || runSeed(seed, { code: core }).violations.length > 0) continue;
    return { seed, seeds: tried + 1, checker: caught.checker };
  }
  return null;
}

/** A table: bug, seeds until caught, checker. True when all were caught. */
export async function searchCanaries(from: number, print: (line: string) => void): Promise<boolean> {
  let caught = 0;
  print(`${"planted bug".padEnd(40)} ${"seeds".padStart(5)}  caught by`);
  for (const canary of CANARIES) {
    const { seedsMax = SEEDS_MAX } = canary;
    const found = await fly(canary, from, seedsMax);
    if (found !== null) caught++;
    const seeds = found === null ? `${seedsMax}` : `${found.seeds}`;
    const how = found === null ? "NOBODY" : `${found.checker} (seed ${found.seed})`;
    print(`${canary.name.padEnd(40)} ${seeds.padStart(5)}  ${how}`);
  }
  print(`canaries: caught ${caught} of ${CANARIES.length}`);
  return caught === CANARIES.length;
}
