import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as core from "@kvorum/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPatchedCore } from "./canaries/patched-core.ts";
import { type RunTrail, firstDivergence } from "./divergence.ts";
import { runSeed } from "./run-seed.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const elsewhere = mkdtempSync(join(tmpdir(), "kvorum-determinism-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const SEEDS = [5, 12];

interface Surroundings {
  /** Given to Node before the program. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Given to the program after the seed. */
  readonly options?: readonly string[];
}

/** What the built simulator prints of a seed, in a process of its own. */
function printed(seed: number, { flags = [], environment = {}, folder, options = [] }: Surroundings): string {
  const words = [...flags, main, "--seed", `${seed}`, "--checkpoints", ...options];
  const env = { ...process.env, ...environment };
  const child = spawnSync(process.execPath, words, {
    env,
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(child.stderr).toBe("");
  expect(child.status).toBe(0);
  return child.stdout;
}

function trailOf(text: string): RunTrail {
  const digest = /^seed \d+: \d+ events, \d+ operations, hash ([0-9a-f]{16})$/m.exec(text)?.[1];
  if (digest === undefined) throw new Error(`no hash in: ${text.slice(0, 200)}`);
  const checkpoints = [...text.matchAll(/^ {2}checkpoint \d+ {2}([0-9a-f]{16})$/gm)].map(
    ([, hash]) => hash ?? "",
  );
  return { digest, checkpoints };
}

describe("a seed is the same run in another process", () => {
  const plain = new Map<number, string>();

  beforeAll(() => {
    for (const seed of SEEDS) plain.set(seed, printed(seed, { environment: { TZ: "UTC", LANG: "C" } }));
  });

  /** Everything that is printed is equal but for the trace, and if not, the first checkpoint that differs is named. */
  function checkSame(surroundings: Surroundings): void {
    for (const seed of SEEDS) {
      const here = plain.get(seed) ?? "";
      const there = printed(seed, surroundings);
      expect(trailOf(here).checkpoints.length).toBeGreaterThan(5);
      expect(firstDivergence(trailOf(here), trailOf(there))).toBeNull();
      if (surroundings.options === undefined) expect(there).toBe(here);
      else expect(there.endsWith(here)).toBe(true);
    }
  }

  const abroad = { TZ: "Pacific/Apia", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
  test.each<[string, Surroundings]>([
    ["with other seeds of the engine", { flags: ["--hash-seed=77", "--random-seed=3"] }],
    ["in another time zone, language and folder", { environment: abroad, folder: elsewhere }],
    ["with a small heap", { flags: ["--max-semi-space-size=1", "--max-old-space-size=64"] }],
    ["with a large heap", { flags: ["--max-semi-space-size=64", "--max-old-space-size=1024"] }],
    ["with its garbage moved at every chance", { flags: ["--stress-compaction", "--gc-interval=2000"] }],
    ["never optimised", { flags: ["--no-opt"] }],
    ["compiled at once and optimised soon", { flags: ["--always-sparkplug", "--interrupt-budget=1000"] }],
    ["optimised by another compiler", { flags: ["--maglev", "--always-osr"] }],
    ["under coverage", { environment: { NODE_V8_COVERAGE: elsewhere } }],
    ["traced", { options: ["--trace"] }],
  ])("%s", (_, surroundings) => checkSame(surroundings));

  test("beside others that want the processor", () => {
    const busy = [1, 2, 3].map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
    try {
      checkSame({});
    } finally {
      for (const child of busy) child.kill("SIGKILL");
    }
  });
});

test("planted: what leaks from one run into the next is found when a seed is run twice", async () => {
  // Plain arithmetic on a variable of a module: the guard has nothing to see in it.
  const code = await loadPatchedCore([
    {
      file: "replica/minter.js",
      find: "export class Minter extends Timer {",
      replace: "let leaked = 0;\nexport class Minter extends Timer {",
    },
    {
      file: "replica/minter.js",
      find: "const minted = this.clock.mint(floor);",
      replace: "const minted = this.clock.mint(Math.max(floor, this.clock.reading() + leaked++));",
    },
  ]);
  const [first, second] = [runSeed(3, { code }), runSeed(3, { code })];
  expect(first.violations).toEqual([]);
  expect(second.violations).toEqual([]);
  expect(firstDivergence(first, second)).toMatch(/^they part in entries \d+ to \d+ of the event log: at .+$/);
  expect(firstDivergence(runSeed(3, { code: core }), runSeed(3, { code: core }))).toBeNull();
});

/** Runs a seed twice with a core that took the host's time zone down when it was loaded. */
const ABROAD = `
  import { loadPatchedCore } from ${JSON.stringify(new URL("../dist/canaries/patched-core.js", import.meta.url).href)};
  import { firstDivergence } from ${JSON.stringify(new URL("../dist/divergence.js", import.meta.url).href)};
  import { runSeed } from ${JSON.stringify(new URL("../dist/run-seed.js", import.meta.url).href)};
  const code = await loadPatchedCore([
    {
      file: "replica/minter.js",
      find: "export class Minter extends Timer {",
      replace: "const zone = new Date(0).getTimezoneOffset(); export class Minter extends Timer {",
    },
    {
      file: "replica/minter.js",
      find: "const minted = this.clock.mint(floor);",
      replace: "const minted = this.clock.mint(Math.max(floor, this.clock.reading() + (zone === 0 ? 0 : 9)));",
    },
  ]);
  const [first, second] = [runSeed(5, { code }), runSeed(5, { code })];
  const { checkpoints, digest, violations } = first;
  console.log(JSON.stringify({ checkpoints, digest, violations, parting: firstDivergence(first, second) }));
`;

test("planted: a door used before the run, which the guard cannot see, is found in two processes", () => {
  const [home, abroad] = ["UTC", "Pacific/Apia"].map((TZ) => {
    const words = ["--input-type=module", "--eval", ABROAD];
    const child = spawnSync(process.execPath, words, { env: { ...process.env, TZ }, encoding: "utf8" });
    expect(child.stderr).toBe("");
    return JSON.parse(child.stdout) as RunTrail & { violations: unknown[]; parting: string | null };
  });
  if (home === undefined || abroad === undefined) throw new Error("there are two runs");
  expect([home.violations, abroad.violations]).toEqual([[], []]);
  expect([home.parting, abroad.parting]).toEqual([null, null]);
  expect(firstDivergence(home, abroad)).toMatch(/^they part in entries \d+ to \d+ of the event log: at .+$/);
});
