import { Prng } from "@kvorum/core";
import { describe, expect, it } from "vitest";
import { keyChooser, keyName, ZIPF_SKEW, type Distribution } from "./key-chooser.ts";

const KEYS = 1000;
const DRAWS = 400_000;

const harmonic = Array.from({ length: KEYS }, (_, index) => (index + 1) ** -ZIPF_SKEW).reduce(
  (sum, part) => sum + part,
  0,
);

/** The part of all requests that the key of this rank, from 1, should get. */
function zipfShare(rank: number): number {
  return rank ** -ZIPF_SKEW / harmonic;
}

/** How often each key was drawn. */
function frequencies(distribution: Distribution): number[] {
  const chooser = keyChooser(distribution, KEYS, new Prng(7));
  const counts = new Array<number>(KEYS).fill(0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const key = chooser.next();
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Six standard deviations of a binomial count: a right chooser misses it once in 500 million. */
function expectCount(count: number, share: number): void {
  const expected = DRAWS * share;
  expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected * (1 - share)));
}

describe("uniform", () => {
  it("gives every key its equal share", () => {
    for (const count of frequencies("uniform")) expectCount(count, 1 / KEYS);
  });
});

describe("zipfian", () => {
  const counts = frequencies("zipfian");
  const sorted = counts.toSorted((a, b) => b - a);

  it("gives the hottest keys what Zipf's law with 0.99 says", () => {
    // Further down neighbours are so alike that chance orders them.
    for (let rank = 1; rank <= 10; rank++) expectCount(sorted[rank - 1] ?? 0, zipfShare(rank));
  });

  it("gives the first hundred together what the law says", () => {
    let share = 0;
    for (let rank = 1; rank <= 100; rank++) share += zipfShare(rank);
    expectCount(
      sorted.slice(0, 100).reduce((sum, count) => sum + count, 0),
      share,
    );
  });

  it("puts hot keys far from each other", () => {
    const hottest = counts.indexOf(Math.max(...counts));
    expect(Math.max(counts[hottest - 1] ?? 0, counts[hottest + 1] ?? 0)).toBeLessThan((sorted[3] ?? 0) / 2);
  });

  it("reaches every key", () => {
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});

it("keys are named as redis-benchmark names them", () => {
  expect(keyName(42)).toBe("key:000000000042");
});
