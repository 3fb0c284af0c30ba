import { expect, it } from "vitest";
import { othersFault, voidReason, yardstickFault } from "./void-rule.ts";

it("a run counts when the control drifts by 10 % at most", () => {
  expect(voidReason([100, 105, 110])).toBeNull();
  expect(voidReason([95, 100, 106])).toMatch(/drifted by 11\.0 %/);
});

it("a run without a second control shows nothing", () => {
  expect(voidReason([100])).toMatch(/fewer than two rounds/);
  expect(voidReason([])).toMatch(/fewer than two rounds/);
});

it("others may use 5 % of the machine before it is told", () => {
  expect(othersFault(0.05)).toBeNull();
  expect(othersFault(0.3)).toMatch(/used 30 % of the machine/);
});

it("a skeleton counts from 0.28 of the echo on", () => {
  expect(yardstickFault(28, 100)).toBeNull();
  expect(yardstickFault(27, 100)).toMatch(/0\.27 of the raw echo/);
});
