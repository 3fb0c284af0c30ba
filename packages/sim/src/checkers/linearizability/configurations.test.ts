import { describe, expect, test } from "vitest";
import { Configurations } from "./configurations.ts";

const bits = (...words: number[]): Int32Array => Int32Array.from(words);

test("what was there is known, by its bits and by its state", () => {
  const been = new Configurations(2, 0);
  expect(been.add(bits(1, 2), 0)).toBe(true);
  expect(been.add(bits(1, 2), 0)).toBe(false);
  expect(been.add(bits(1, 2), 1)).toBe(true);
  expect(been.add(bits(2, 1), 0)).toBe(true);
  expect(been.add(bits(0, 0), 0)).toBe(true);
  expect(been.add(bits(-1, -1), 0)).toBe(true);
  expect(been.add(bits(-1, -1), 0)).toBe(false);
});

test("bits given may change afterwards", () => {
  const been = new Configurations(1, 1);
  const given = bits(1, 1);
  been.add(given, 0);
  given[0] = 2;
  expect(been.add(given, 0)).toBe(true);
  expect(been.add(bits(1, 1), 0)).toBe(false);
});

describe("among those of the same state and known part", () => {
  test("one covers all that placed more of unknown end, but none that placed less or other", () => {
    const been = new Configurations(1, 2);
    expect(been.add(bits(7, 0b011, 0), 3)).toBe(true);
    expect(been.add(bits(7, 0b111, 0), 3)).toBe(false);
    expect(been.add(bits(7, 0b011, 1), 3)).toBe(false);
    expect(been.add(bits(7, 0b101, 0), 3)).toBe(true);
    expect(been.add(bits(7, 0b101, 0), 3)).toBe(false);
    expect(been.add(bits(7, 0b001, 0), 3)).toBe(true);
    expect(been.add(bits(7, 0, 0), 3)).toBe(true);
    expect(been.add(bits(7, 0b1000, 9), 3)).toBe(false);
  });

  test("and none of another state or known part", () => {
    const been = new Configurations(1, 1);
    been.add(bits(7, 0), 3);
    expect(been.add(bits(7, 1), 4)).toBe(true);
    expect(been.add(bits(5, 1), 3)).toBe(true);
  });
});

test("many are kept apart, also those whose hashes are equal", () => {
  const been = new Configurations(2, 1);
  const plain = new Set<number>();
  let word = 1;
  const next = (): number => (word = (Math.imul(word, 1664525) + 1013904223) | 0) >>> 15;
  let wrong = 0;
  // Among so many some ten pairs share a hash of 32 bits.
  for (let i = 0; i < 300_000; i++) {
    const [one, two] = [next(), next()];
    const key = one * 2 ** 17 + two;
    if (been.add(bits(one, two, 0), 0) === plain.has(key)) wrong++;
    plain.add(key);
  }
  expect(wrong).toBe(0);
});
