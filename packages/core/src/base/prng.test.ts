import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Prng } from "./prng.ts";

function draw(prng: Prng, count: number): number[] {
  return Array.from({ length: count }, () => prng.u32());
}

test("a seed always gives the same numbers, in this release and the next", () => {
  const seeded = [2960784618, 3533934159, 1749803239, 804215923];
  const large = [2653885470, 15637077, 1513762484, 3907001734];
  const forked = [3539010398, 3241780080, 3016089399, 1158109529];
  expect(draw(new Prng(1), 4)).toEqual(seeded);
  expect(draw(new Prng(2 ** 52 + 1), 4)).toEqual(large);
  expect(draw(new Prng(1).fork("network"), 4)).toEqual(forked);
});

test("neighbouring seeds have nothing in common", () => {
  const first = new Set<number>();
  for (let seed = 0; seed < 20_000; seed++) first.add(new Prng(seed).u32());
  expect(first.size).toBeGreaterThan(19_990);
});

test.each([-1, 0.5, NaN, 2 ** 53])("%d is no seed", (seed) => {
  expect(() => new Prng(seed)).toThrow("a seed is");
});

test("every bit is set half of the time, and follows itself half of the time", () => {
  const prng = new Prng(42);
  const set = new Array<number>(32).fill(0);
  const same = new Array<number>(32).fill(0);
  let before = prng.u32();
  for (let i = 0; i < 20_000; i++) {
    const drawn = prng.u32();
    for (let bit = 0; bit < 32; bit++) {
      set[bit] = (set[bit] ?? 0) + ((drawn >>> bit) & 1);
      same[bit] = (same[bit] ?? 0) + (((drawn ^ before) >>> bit) & 1);
    }
    before = drawn;
  }
  // Five standard deviations of a fair coin.
  for (const count of [...set, ...same]) expect(Math.abs(count - 10_000)).toBeLessThan(354);
});

describe("below", () => {
  test("covers its range evenly", () => {
    const prng = new Prng(7);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) {
      const drawn = prng.below(6);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(460);
  });

  test("stays in its range", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 2 ** 32 - 1 }), (seed, n) => {
        const drawn = new Prng(seed).below(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
      }),
    );
  });

  test.each([0, -1, 1.5, NaN, 2 ** 32 + 1])("refuses %d", (n) => {
    expect(() => new Prng(1).below(n)).toThrow("below needs");
  });
});

test("unit is in 0 .. 1 and has the mean of a half", () => {
  const prng = new Prng(9);
  const drawn = Array.from({ length: 20_000 }, () => prng.unit());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  const mean = drawn.reduce((sum, each) => sum + each, 0) / drawn.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.011);
});

describe("fork", () => {
  test("does not depend on what was drawn before", () => {
    const fresh = new Prng(3);
    const used = new Prng(3);
    draw(used, 100);
    used.fork("other");
    expect(draw(used.fork("disk"), 5)).toEqual(draw(fresh.fork("disk"), 5));
  });

  test("differs by name, by seed and by depth", () => {
    const streams = [1, 2, 2 ** 32 + 1, 2 ** 40].flatMap((seed) => {
      const prng = new Prng(seed);
      return [prng, ...["a", "b", "ab", ""].map((name) => prng.fork(name)), prng.fork("a").fork("b")];
    });
    const first = streams.map((stream) => draw(stream, 2).join());
    expect(new Set(first).size).toBe(streams.length);
  });
});
