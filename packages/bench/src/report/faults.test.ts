import { expect, it } from "vitest";
import type { DriverReport, PhaseReport } from "../open-loop/recorder.ts";
import { summarisePhases } from "./faults.ts";

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
