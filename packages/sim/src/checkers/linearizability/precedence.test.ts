import { expect, test } from "vitest";
import { draw } from "./drawing.fixture.ts";
import { precedenceOf } from "./precedence.ts";
import { registerModel } from "./register-model.ts";

/** What waits for what, by the numbers that the drawing gives; those of unknown end have to be called last. */
function waits(drawing: string): string[] {
  const { operations } = draw(drawing);
  return precedenceOf(registerModel, operations).flatMap((earlier, at) =>
    earlier.map((other) => `${at + 1} for ${other + 1}`),
  );
}

test("what follows at one instant waits for its client's own, of known end or not", () => {
  expect(waits("a: [w1|w2|r2|w3?")).toEqual(["2 for 1", "3 for 2", "4 for 3"]);
});

test("not for another client's, nor for what ended before: the timeline says that", () => {
  const drawing = `
    a: [w1] [w2]
    b:    [w3]
  `;
  expect(waits(drawing)).toEqual([]);
});

test("of unknown end that do the same, each waits for the one called before it", () => {
  const drawing = `
    a: [w1]
    b:     [w2?
    c:      [w2?
    d:       [w3?
    e:        [w2?
  `;
  expect(waits(drawing)).toEqual(["3 for 2", "5 for 3"]);
});

test("but not for one that waits for another while it need not", () => {
  const drawing = `
    a: [w1|w2?
    b:    [w2?
    c:        [w2?
  `;
  expect(waits(drawing)).toEqual(["2 for 1", "4 for 3"]);
});
