import fc from "fast-check";
import { expect, test } from "vitest";
import { Ewma } from "./ewma.ts";

test("it is 0 before the first sample and then that sample", () => {
  const mean = new Ewma(8);
  expect(mean.value).toBe(0);
  mean.add(40);
  expect(mean.value).toBe(40);
});

test("after the half-life, half of the old value is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (halfLife) => {
      const mean = new Ewma(halfLife);
      mean.add(1);
      for (let i = 0; i < halfLife; i++) mean.add(0);
      expect(mean.value).toBeCloseTo(0.5, 9);
    }),
  );
});

test("it stays between the least and the greatest sample", () => {
  const samples = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 100 }), (all, halfLife) => {
      const mean = new Ewma(halfLife);
      for (const sample of all) mean.add(sample);
      const slack = 1e-6;
      expect(mean.value).toBeGreaterThanOrEqual(Math.min(...all) - slack);
      expect(mean.value).toBeLessThanOrEqual(Math.max(...all) + slack);
    }),
  );
});

test.each([0, -1, NaN])("a half-life of %d is refused", (halfLife) => {
  expect(() => new Ewma(halfLife)).toThrow("a half-life is positive");
});
