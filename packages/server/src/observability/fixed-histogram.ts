/**
 * Durations in fixed buckets: one lookup and three additions into arrays that exist already, so that a hot path can
 * afford it. One object holds many rows (one for each command), and is rendered only when somebody asks.
 */
import { assert } from "@kvorum/core";

/** Upper bounds in seconds: 1, 2, 5 from a tenth of a millisecond on. What is longer than the last counts there too. */
export const BUCKET_SECONDS: readonly number[] = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
];

const BOUNDS_MICROS = Float64Array.from([...BUCKET_SECONDS.map((seconds) => seconds * 1e6), Infinity]);
const WIDTH = BOUNDS_MICROS.length;

/** Where a duration of so many bits begins to look; at most one bound lies between two powers of two. */
const FIRST_OF_BITS = Uint8Array.from({ length: 33 }, (_, bits) => {
  const leastMicros = bits === 0 ? 0 : 2 ** (bits - 1);
  return BOUNDS_MICROS.findIndex((bound) => leastMicros <= bound);
});

/** Longer than any request may take; what is longer counts as this. */
const MICROS_MAX = 2 ** 31 - 1;

export interface BucketCounts {
  /** For each of `BUCKET_SECONDS`: how many took at most so long. */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sumSeconds: number;
}

export class FixedHistogram {
  readonly #counts: Float64Array;
  readonly #sumsMs: Float64Array;

  constructor(rows: number) {
    this.#counts = new Float64Array(rows * WIDTH);
    this.#sumsMs = new Float64Array(rows);
  }

  /** `row` must exist. A negative duration (clocks are read once for many) counts as none. */
  add(row: number, tookMs: number): void {
    const ms = tookMs > 0 ? tookMs : 0;
    const micros = Math.min(ms * 1000, MICROS_MAX);
    let bucket = FIRST_OF_BITS[32 - Math.clz32(micros)] ?? 0;
    if (micros > (BOUNDS_MICROS[bucket] ?? Infinity)) bucket++;
    const at = row * WIDTH + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumsMs[row] = (this.#sumsMs[row] ?? 0) + ms;
  }

  read(row: number): BucketCounts {
    assert(row < this.#sumsMs.length, "the histogram has this row");
    const cumulative: number[] = [];
    let count = 0;
    for (let bucket = 0; bucket < WIDTH; bucket++) {
      count += this.#counts[row * WIDTH + bucket] ?? 0;
      if (bucket < BUCKET_SECONDS.length) cumulative.push(count);
    }
    return { cumulative, count, sumSeconds: (this.#sumsMs[row] ?? 0) / 1000 };
  }
}
