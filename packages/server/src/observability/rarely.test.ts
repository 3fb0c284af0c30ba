import { expect, test } from "vitest";
import { Rarely } from "./rarely.ts";

test("the first is said, then one a second with the number of those between", () => {
  const rarely = new Rarely(1_000);
  expect([0, 1, 999, 1_000, 1_001, 5_000, 5_999, 6_000].map((nowMs) => rarely.admit(nowMs))).toEqual([
    0,
    null,
    null,
    2,
    null,
    1,
    null,
    1,
  ]);
});
