/** What the windows of a run come to, row by row. */
import type { Measured } from "../rounds/interleave.ts";
import { median, spread } from "../rounds/statistics.ts";

export interface RowSummary {
  readonly id: string;
  /** What is sure when a request has been answered. */
  readonly promise: string;
  /** Median over the rounds, as all that follow. */
  readonly perSecond: number;
  /** (Fastest − slowest) ÷ median. */
  readonly spread: number;
  readonly cpuUsPerOperation: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function summarise({ row, windows }: Measured): RowSummary {
  const rates = windows.map(({ perSecond }) => perSecond);
  return {
    id: row.id,
    promise: row.promise,
    perSecond: median(rates),
    spread: spread(rates),
    cpuUsPerOperation: median(windows.map(({ cpuUsPerOperation }) => cpuUsPerOperation)),
    p50Ms: median(windows.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(windows.map(({ p99Ms }) => p99Ms)),
  };
}
