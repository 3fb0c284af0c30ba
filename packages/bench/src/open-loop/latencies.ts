/** Latencies in a histogram of three significant digits (HdrHistogram, as Node has it). */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** What is recorded, in µs, and an hour at most. */
const US_MAX = 3_600_000_000;

export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: US_MAX, figures: 3 });

  record(ms: number): void {
    this.#histogram.record(Math.min(Math.max(Math.round(ms * 1000), 1), US_MAX));
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  summary(): LatencySummary {
    const histogram = this.#histogram;
    const ms = (percentile: number) => (histogram.count === 0 ? 0 : histogram.percentile(percentile) / 1000);
    return {
      count: histogram.count,
      p50Ms: ms(50),
      p99Ms: ms(99),
      p999Ms: ms(99.9),
      maxMs: histogram.count === 0 ? 0 : histogram.max / 1000,
    };
  }
}
