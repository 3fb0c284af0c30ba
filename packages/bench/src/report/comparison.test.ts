import { expect, it } from "vitest";
import type { Measured } from "../rounds/interleave.ts";
import { allRows, QUICK_SIZES } from "../rounds/rows.ts";
import { comparisonText, makeComparison } from "./comparison.ts";

function measured(id: string, ...rates: number[]): Measured {
  const row = allRows(QUICK_SIZES).find((one) => one.id === id);
  if (row === undefined) throw new Error(`there is no row ${id}`);
  const windows = rates.map((perSecond) => ({
    operations: perSecond,
    perSecond,
    seconds: 1,
    cpuUsPerOperation: 10,
    p50Ms: 1,
    p99Ms: 2,
  }));
  return { row, windows };
}

function compare(...rows: Measured[]) {
  return makeComparison({
    at: new Date(0),
    machine: {
      cpu: "some CPU",
      cores: 2,
      memoryBytes: 2 ** 34,
      system: "Linux 6",
      node: "20.19.0",
      fdatasyncUs: 1000,
      commit: "abc",
    },
    versions: { echo: "Node 20.19.0" },
    rounds: 3,
    windowSeconds: 5,
    connections: 60,
    keys: 1000,
    othersShare: 0.01,
    measured: rows,
    leftOut: [{ id: "etcd/put/256/1/spread", reason: "etcd not found" }],
  });
}

const echo = measured("echo/set/256/1/spread", 100_000, 101_000, 99_000);

it("takes medians, and ratios where both rows are there", () => {
  const comparison = compare(
    echo,
    measured("skeleton/set/256/1/spread", 30_000, 32_000, 31_000),
    measured("kvorum/set/256/1/spread", 15_000, 15_500, 20_000),
  );
  expect(comparison.void).toBeNull();
  expect(comparison.warnings).toEqual([]);
  expect(comparison.ratios.map(({ name, value }) => [name, value])).toEqual([
    ["skeleton SET ÷ raw echo", 0.31],
    ["fsynced SET ÷ skeleton, client knows no slots", 0.5],
  ]);
  const text = comparisonText(comparison);
  expect(text).toContain("| kvorum/set/256/1/spread   | 2 of 3, fsynced |     15,500 |   32 % |");
  expect(text).toContain("- Left out: etcd/put/256/1/spread: etcd not found");
  expect(text).not.toContain("Void");
});

it("says when the run is void, and when the skeleton is no yardstick", () => {
  const slow = measured("skeleton/set/256/1/spread", 10_000, 10_000, 10_000);
  const drifting = measured("echo/set/256/1/spread", 100_000, 80_000, 99_000);
  expect(comparisonText(compare(drifting, slow))).toMatch(/\*\*Void:\*\* the raw echo drifted by 20\.2 %/);
  expect(compare(echo, slow).warnings).toHaveLength(1);
});
