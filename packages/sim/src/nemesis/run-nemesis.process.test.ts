/** A minute of faults against real processes; and a cluster that seems to lose writes, which must be noticed. */
import { readdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { LosingWire } from "./memory-wire.fixture.ts";
import { runNemesis, type NemesisOptions, type NemesisReport } from "./run-nemesis.ts";

async function run(choices: Partial<NemesisOptions>): Promise<NemesisReport & { lines: readonly string[] }> {
  const lines: string[] = [];
  const report = await runNemesis({
    seed: 4,
    members: 3,
    durationMs: 60_000,
    log: (text) => lines.push(text),
    signal: new AbortController().signal,
    ...choices,
  });
  if (report === null) throw new Error("nobody told it to end");
  return { ...report, lines };
}

test("a minute of kills, pauses and cuts breaks no promise", async () => {
  const { violations, operations, serial, struck, lines, kept } = await run({});
  const words = violations.slice(0, 5).map(({ checker, text }) => `${checker}: ${text}`);
  // What happened before, and where the logs are, says more than the violation alone.
  expect({ words, kept, lines: words.length > 0 ? lines : [] }).toEqual({ words: [], kept: "", lines: [] });
  expect(struck.length).toBeGreaterThan(4);
  expect(operations.filter(({ ending }) => ending === "ok").length).toBeGreaterThan(500);
  expect(serial.filter(({ ending }) => ending === "ok").length).toBeGreaterThan(100);
});

test("writes that are acknowledged and never sent are noticed", async () => {
  const { violations, kept } = await run({
    durationMs: 8_000,
    between: (wire) => new LosingWire(wire, 25),
  });
  const checkers = new Set(violations.map(({ checker }) => checker));
  expect(checkers.has("quorum") || checkers.has("durability")).toBe(true);
  expect(readdirSync(kept)).toEqual(expect.arrayContaining(["history.json", "log"]));
  rmSync(kept, { recursive: true });
});

test("told to end, it ends soon and leaves nothing behind", async () => {
  const ending = new AbortController();
  const running = runNemesis({
    seed: 5,
    members: 3,
    durationMs: 60_000,
    log: (text) => {
      if (text.includes("workload 1")) setTimeout(() => ending.abort(), 1_000);
    },
    signal: ending.signal,
  });
  expect(await running).toBeNull();
});
