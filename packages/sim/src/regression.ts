/**
 * Failing runs that were kept: a file holds the seed with everything that was drawn from it, so that it stays the same
 * world when the drawing changes. `npm test` replays them before anything else of the simulator.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULT_LIMITS, Prng, assert } from "@kvorum/core";
import type { SeedReport } from "./run-seed.ts";
import { type WorkloadOptions, type WorldOptions, drawOptions } from "./world/options.ts";

export interface Regression {
  readonly name: string;
  readonly seed: number;
  /** What was wrong, for people. */
  readonly bug: string;
  /** The checker that found it. */
  readonly checker: string;
  /** The planted bug that brings it back, when there is one. */
  readonly canary: string | null;
  readonly options: WorldOptions;
}

/** The same from `src` and from `dist`. */
const folder = fileURLToPath(new URL("../regressions/", import.meta.url));

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export function readRegressions(): Regression[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => {
      const kept = JSON.parse(readFileSync(`${folder}${file}`, "utf8")) as Omit<Regression, "name">;
      const options = completed(kept.seed, kept.options);
      return { ...kept, options, name: file.slice(0, -".json".length) };
    });
}

/** What a file knows nothing of, because it is older than that option, is as the seed draws it, or as usual. */
function completed(seed: number, kept: WorldOptions): WorldOptions {
  const drawn = drawOptions(seed, new Prng(seed));
  const before: Pick<WorldOptions, "policy" | "twins"> = { policy: "siblings", twins: false };
  const plain: Partial<WorkloadOptions> = { fallbacks: "deny", serialClients: 0, conditionalPercent: 0 };
  return {
    ...drawn,
    ...before,
    ...kept,
    limits: { ...DEFAULT_LIMITS, ...kept.limits },
    workload: { ...drawn.workload, ...plain, ...kept.workload },
  };
}

export function isRegressionName(name: string): boolean {
  return NAME.test(name);
}

/** Returns where it was written. */
export function writeRegression(
  name: string,
  report: SeedReport,
  about: Pick<Regression, "bug" | "checker" | "canary">,
): string {
  assert(NAME.test(name), "a regression has a name in kebab-case");
  const { seed, options } = report;
  const path = `${folder}${name}.json`;
  writeFileSync(path, `${JSON.stringify({ seed, ...about, options }, null, 2)}\n`);
  return path;
}
