import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** What the built simulator prints of a seed, in a process of its own. */
function printed(
  seed: number,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): string {
  const env = { ...process.env, ...environment };
  const child = spawnSync(process.execPath, [...flags, main, "--seed", `${seed}`], { env, encoding: "utf8" });
  expect(child.stderr).toBe("");
  return child.stdout;
}

test("a seed is the same run in another process, time zone, language and hash seed", () => {
  for (const seed of [5, 9]) {
    const here = printed(seed, ["--hash-seed=1"], { TZ: "UTC", LANG: "C" });
    const there = printed(seed, ["--hash-seed=77", "--random-seed=3", "--max-semi-space-size=1"], {
      TZ: "Pacific/Apia",
      LANG: "tr_TR.UTF-8",
    });
    expect(here).toMatch(/^seed \d+: \d+ events, \d+ operations, hash [0-9a-f]{16}\n/);
    expect(there).toBe(here);
  }
});
