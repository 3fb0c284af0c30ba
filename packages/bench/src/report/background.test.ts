import { expect, it } from "vitest";
import type { DriverReport } from "../open-loop/recorder.ts";
import type { Faults } from "../run-faults.ts";
import { backgroundText, p99Of, type BackgroundRun, type Mode } from "./background.ts";
import { A_MACHINE } from "./machine.fixture.ts";

function run(mode: Mode, p99s: readonly [number, number, number]): BackgroundRun["runs"][number] {
  const phases = ["before", "during", "after"].map((name, i) => {
    const p99Ms = p99s[i] ?? 0;
    return { name, seconds: 10, count: 100, p50Ms: 1, p99Ms, p999Ms: p99Ms, maxMs: 99, errors: 0, codes: {} };
  });
  const report: DriverReport = {
    phases,
    seconds: [],
    lateness: { count: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 },
  };
  const faults: Faults = {
    kind: "faults",
    at: "2026-01-02T03:04:05.000Z",
    machine: A_MACHINE,
    perSecond: 12_000,
    keys: 100_000,
    massKeys: 0,
    void: null,
    rows: [{ name: "kill", what: "", goal: null, reports: [report] }],
    massLoads: [],
    levelSeconds: [],
    residentBytes: [],
  };
  return { mode, faults };
}

it("sets the medians with background work against those without it, phase by phase", () => {
  const runs = [
    run("on", [4, 5, 9]),
    run("off", [4, 4, 5]),
    run("on", [4, 5, 6]),
    run("off", [4, 4, 5]),
    run("on", [4, 5, 30]),
    run("off", [4, 4, 5]),
  ];
  const all: BackgroundRun = { kind: "background", void: null, runs };
  expect(p99Of(all, "on", "after")).toBe(9);
  expect(backgroundText(all)).toMatch(/\| it comes back +\| +9.00 \| +5.00 \| +1.80 \|/);
  expect(backgroundText(all)).toContain("medians of 3 rounds");
});
