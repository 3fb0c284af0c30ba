import { expect, it } from "vitest";
import type { DriverReport } from "../open-loop/recorder.ts";
import { openLoopText } from "./open-loop.ts";

function report(p99Ms: number, errors: number): DriverReport {
  const latencies = { count: 10, p50Ms: 1, p99Ms, p999Ms: 2 * p99Ms, maxMs: 99 };
  return {
    phases: [{ name: "steady", seconds: 1, ...latencies, errors, codes: {} }],
    seconds: [],
    lateness: { ...latencies, p99Ms: 1.5 },
  };
}

it("shows medians of the rounds, all errors, and how late the driver was", () => {
  const text = openLoopText({
    kind: "open-loop",
    at: "2030-01-02T03:04:05Z",
    machine: {
      cpu: "some CPU",
      cores: 2,
      memoryBytes: 2 ** 34,
      system: "Linux 6",
      node: "20.19.0",
      fdatasyncUs: 1000,
      commit: "",
    },
    versions: {},
    keys: 1000,
    othersShare: 0.2,
    void: "it drifted",
    rows: [
      {
        opponent: "kvorum",
        mix: "95/5",
        distribution: "zipfian",
        perSecond: 5000,
        reports: [report(10, 0), report(12, 2), report(20, 1)],
      },
    ],
    missing: [{ name: "redis-cluster", missing: "not found" }],
  });
  expect(text).toMatch(
    /\| kvorum \| 95\/5 \| zipfian \| +5,000 \| +1\.00 \| +12\.00 \| +24\.00 \| +83 % \| +3 \|/,
  );
  expect(text).toContain("up to 1.5 ms late");
  expect(text).toContain("**Void:** it drifted.");
  expect(text).toContain("**Note:** other processes used 20 % of the machine");
  expect(text).toContain("- Left out: redis-cluster: not found");
});
