import { expect, test } from "vitest";
import { SystemRandom } from "./system-random.ts";

test("draws are u32 numbers, spread over the range and over block borders", () => {
  const random = new SystemRandom();
  const draws = Array.from({ length: 4096 }, () => random.u32());
  for (const draw of draws) {
    expect(Number.isInteger(draw) && draw >= 0 && draw <= 4_294_967_295).toBe(true);
  }
  // 4,096 of 2^32: two equal ones are rare, and a repeated block would make a thousand.
  expect(new Set(draws).size).toBeGreaterThan(4080);
  expect(draws.filter((draw) => draw >= 2 ** 31).length).toBeGreaterThan(1024);
});
