import { expect, test } from "vitest";
import { draw } from "./drawing.fixture.ts";
import { NumberedModel } from "./numbered-model.ts";
import { registerModel } from "./register-model.ts";
import { NONE } from "./timeline.ts";

const { operations } = draw("a: [w1] [w2] [g1=2] [r1] [ax=2] [r2]");
const model = new NumberedModel(registerModel, operations);

test("equal states have one number, however they came about", () => {
  const one = model.step(model.initial, 0);
  expect(one).not.toEqual([model.initial]);
  const two = model.step(model.initial, 1);
  expect(two).not.toEqual(one);
  expect(model.step(two[0] ?? NONE, 2)).toEqual(one);
  expect([model.outcome(0), model.outcome(2)]).toEqual([one[0], one[0]]);
});

test("it says of operations what the model says of their actions", () => {
  const [two = NONE] = model.step(model.initial, 1);
  expect([model.fits(two, 5), model.fits(two, 3)]).toEqual([true, false]);
  expect([model.mayGrowInto(two, 5), model.mayGrowInto(two, 0)]).toEqual([true, true]);
  expect([0, 3, 4].map((operation) => model.isReadOnly(operation))).toEqual([false, true, false]);
  expect([0, 3, 4].map((operation) => model.isGrowing(operation))).toEqual([false, false, true]);
  expect([3, 4].map((operation) => model.outcome(operation))).toEqual([NONE, NONE]);
});
