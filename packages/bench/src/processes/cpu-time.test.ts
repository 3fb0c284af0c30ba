import { describe, expect, it } from "vitest";
import { cpuUsOf, parseCpuUs, parseResidentBytes, residentBytesOf } from "./cpu-time.ts";

const tail = "S 1 2 3 0 -1 4194560 5 6 7 8 150 25 3 2 20 0 11 0 999 1234 567";

describe("parseCpuUs", () => {
  it("adds user and system time of the process and of its ended children", () => {
    expect(parseCpuUs(`42 (node) ${tail}`)).toBe((150 + 25 + 3 + 2) * 10_000);
  });

  it("is not misled by a name with brackets and spaces", () => {
    expect(parseCpuUs(`42 (a) 9 (b c) ${tail}`)).toBe(1_800_000);
  });

  it("refuses what it cannot read", () => {
    expect(() => parseCpuUs("42 (node) S 1 2")).toThrow(/process statistics/);
  });
});

it("parseResidentBytes reads VmRSS", () => {
  expect(parseResidentBytes("Name:\tnode\nVmHWM:\t   9 kB\nVmRSS:\t  2048 kB\n")).toBe(2 * 1024 * 1024);
  expect(() => parseResidentBytes("Name:\tkthread\n")).toThrow(/VmRSS/);
});

it("knows this process, and says when one is gone", () => {
  expect(cpuUsOf([process.pid, process.pid])).toBeGreaterThan(0);
  expect(residentBytesOf(process.pid)).toBeGreaterThan(1024 * 1024);
  expect(() => cpuUsOf([2 ** 22 + 1])).toThrow(/is gone/);
});
