import fc from "fast-check";
import { expect, test } from "vitest";
import { compareTexts } from "./text-order.ts";

test("texts are in the order of their code units", () => {
  expect(["b", "a10", "", "ä", "a9", "Z"].toSorted(compareTexts)).toEqual(["", "Z", "a10", "a9", "b", "ä"]);
  expect([compareTexts("a", "a"), compareTexts("a", "aa"), compareTexts("b", "aa")]).toEqual([0, -1, 1]);
});

test("which is how a sort without an order has them", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
      expect(texts.toSorted(compareTexts)).toEqual(texts.toSorted());
    }),
  );
});
