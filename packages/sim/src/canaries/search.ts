/**
 * Flies the canaries: each must be caught, by a checker that it names, within its number of seeds. A seed counts only
 * if sound core passes it.
 */
import * as core from "@kvorum/core";
import { runSeed } from "../run-seed.ts";
import type { Canary } from "./canary.ts";
import { CANARIES } from "./list.ts";
import { loadPatchedCore } from "./patched-core.ts";

export interface Catch {
  readonly seed: number;
  readonly seeds: number;
  readonly checker: string;
}

/** Null when nobody caught it. */
export async function fly(canary: Canary): Promise<Catch | null> {
  const code = await loadPatchedCore(canary.patches);
  for (let tried = 0; tried < canary.seedsMax; tried++) {
    const seed = canary.seed + tried;
    const caught = runSeed(seed, { code }).violations.find(({ checker }) =>
      canary.checkers.includes(checker),
    );
    if (caught === undefined || runSeed(seed, { code: core }).violations.length > 0) continue;
    return { seed, seeds: tried + 1, checker: caught.checker };
  }
  return null;
}

export async function searchCanaries(print: (line: string) => void): Promise<boolean> {
  let caught = 0;
  for (const canary of CANARIES) {
    const found = await fly(canary);
    if (found !== null) caught++;
    const result =
      found === null ? "NOT CAUGHT" : `seed ${found.seed}, ${found.seeds} tried, by ${found.checker}`;
    print(`${canary.name.padEnd(32)} ${result}`);
  }
  print(`canaries: caught ${caught} of ${CANARIES.length}`);
  return caught === CANARIES.length;
}
