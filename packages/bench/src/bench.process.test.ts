// A tiny round of the control and the skeleton, to see that the benchmark works; what it measures is nobody's business.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { firstLineOf } from "./processes/run-program.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "kvorum-bench-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const noTool = firstLineOf("redis-benchmark", ["--version"]) === null;

function bench(...words: string[]) {
  return spawnSync(process.execPath, [main, ...words], { encoding: "utf8", timeout: 100_000 });
}

it.skipIf(noTool)("measures rows in rounds, writes them down, and cleans up", () => {
  const json = join(dir, "run.json");
  const data = mkdtempSync(join(dir, "data-"));
  const words = ["--only", "skeleton/set/256/1/", "--rounds", "2", "--seconds", "0.2", "--json", json];
  const { status, stdout, stderr } = bench(...words, "--dir", data);
  // A machine that is busy with other tests makes a run void.
  if (status !== 0 && status !== 1) throw new Error(`the run ended with code ${status}:\n${stderr}`);
  expect(stdout).toContain("| skeleton/set/256/1/spread |");
  const run = JSON.parse(readFileSync(json, "utf8")) as {
    windows: { row: { id: string }; windows: { operations: number; perSecond: number }[] }[];
    leftOut: unknown[];
  };
  expect(run.leftOut).toEqual([]);
  expect(run.windows.map(({ row }) => row.id)).toEqual([
    "echo/set/256/1/spread",
    "skeleton/set/256/1/spread",
  ]);
  for (const { windows } of run.windows) {
    expect(windows).toHaveLength(2);
    for (const window of windows) expect(Math.min(window.operations, window.perSecond)).toBeGreaterThan(0);
  }
  expect(readdirSync(data)).toEqual([]);
});

it("drives a store with constant arrivals", () => {
  const json = join(dir, "open.json");
  const data = mkdtempSync(join(dir, "data-"));
  const words = [
    "open-loop",
    "--quick",
    "--only",
    "skeleton",
    "--rate",
    "200",
    "--rounds",
    "1",
    "--seconds",
    "0.5",
  ];
  const { stderr } = bench(...words, "--json", json, "--dir", data);
  const run = JSON.parse(readFileSync(json, "utf8")) as {
    rows: { opponent: string; reports: { phases: { count: number; errors: number }[] }[] }[];
  };
  expect(run.rows.map(({ opponent }) => opponent)).toEqual(["skeleton", "skeleton", "skeleton"]);
  for (const { reports } of run.rows) {
    const [phase] = reports.flatMap(({ phases }) => phases);
    // Every request that was due is in the figures, answered or not.
    if (phase === undefined) throw new Error(stderr);
    expect(phase.count + phase.errors).toBe(100);
  }
  expect(readdirSync(data)).toEqual([]);
});

it("measures functions one by one", () => {
  const { status, stdout } = bench("micro", "--only", "slotOf", "--seconds", "0.01", "--dir", dir);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\| slotOf +\| a key of 16 bytes \| +[0-9.]+ \|/m);
});

it("says what is wrong with a command line", () => {
  const { status, stderr } = bench("--rounds", "none");
  expect(status).toBe(2);
  expect(stderr).toContain("It takes a whole number from 1.");
  const nowhere = bench("micro", "--dir", join(dir, "nowhere"));
  expect(nowhere.status).toBe(2);
  expect(nowhere.stderr).toMatch(/DIRECTORY: no directory can be made in .*; name another one with --dir/);
});
