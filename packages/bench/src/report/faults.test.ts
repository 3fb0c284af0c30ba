import { expect, it } from "vitest";
import type { DriverReport, PhaseReport } from "../open-loop/recorder.ts";
import { faultsText, summarisePhases } from "./faults.ts";
import { A_MACHINE } from "./machine.fixture.ts";

function phase(name: string, p99Ms: number, errors: number, codes: Record<string, number>): PhaseReport {
  return { name, seconds: 10, count: 100, p50Ms: 1, p99Ms, p999Ms: 2 * p99Ms, maxMs: 99, errors, codes };
}

function report(...phases: PhaseReport[]): DriverReport {
  return { phases, seconds: [], lateness: { count: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 } };
}

it("takes medians phase by phase, and sets them against the phase before", () => {
  const reports = [
    report(phase("before", 4, 0, {}), phase("during", 20, 30, { QUORUM: 10, TIMEOUT: 20 })),
    report(phase("before", 6, 0, {}), phase("during", 50, 10, { DISCONNECTED: 10 })),
    report(phase("before", 5, 0, {}), phase("during", 40, 20, {})),
  ];
  const [before, during] = summarisePhases({ name: "kill", what: "", goal: null, reports });
  expect(before).toMatchObject({ phase: "before", p99Ms: 5, timesBefore: 1, errorsPerSecond: 0, codes: [] });
  expect(during).toEqual({
    scenario: "kill",
    phase: "during",
    p50Ms: 1,
    p99Ms: 40,
    p999Ms: 80,
    errorsPerSecond: 2,
    timesBefore: 8,
    codes: ["DISCONNECTED", "QUORUM", "TIMEOUT"],
  });
});

it("says of which phase a goal speaks, and when whoever came back was level", () => {
  const reports = [report(phase("before", 4, 0, {}), phase("during", 9, 0, {}), phase("after", 6, 0, {}))];
  const goal = { must: 2, aim: 1.3, phase: "after" } as const;
  const text = faultsText({
    kind: "faults",
    at: "2026-01-02T03:04:05.000Z",
    machine: A_MACHINE,
    perSecond: 1,
    keys: 1,
    massKeys: 0,
    void: null,
    rows: [{ name: "return", what: "it comes back", goal, reports }],
    massLoads: [],
    levelSeconds: [12.34, 5],
    residentBytes: [],
  });
  expect(text).toContain("- _return_: it comes back. p99 after ÷ before must be 2 at most");
  expect(text).toContain("level after 12.3, 5.0 s");
});
