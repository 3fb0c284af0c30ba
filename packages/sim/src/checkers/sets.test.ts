import { expect, test } from "vitest";
import { MadeHistory } from "./made-history.fixture.ts";
import { checkSets } from "./sets.ts";

function texts(history: MadeHistory): string[] {
  return checkSets(history, () => true).map(({ text }) => text.split("\n")[0] ?? "");
}

/** Two additions, the second of which had read the first. */
function set(): { history: MadeHistory; one: number; two: number } {
  const history = new MadeHistory();
  const one = history.put(0, 10, { elements: [1] });
  const read = history.read(20, 30, [one], { elements: [1] });
  const two = history.put(40, 50, { elements: [1, 3], contextOf: read });
  return { history, one, two };
}

test("every element that was added is there, whichever siblings hold it", () => {
  const { history, one, two } = set();
  history.read(60, 70, [two], { elements: [1, 3] });
  history.read(60, 70, [one, two], { elements: [3, 1] });
  expect(texts(history)).toEqual([]);
});

test("an element is gone, also one that the addition had only read", () => {
  const { history, one, two } = set();
  history.read(60, 70, [one], { elements: [1] });
  history.read(60, 70, [two], { elements: [3] });
  expect(texts(history)).toEqual([
    "element 3 of a set is gone",
    "element 1 of a set is gone",
    "element 1 of a set is gone",
  ]);
});

test("a read that need not meet an addition may miss it, and an addition of unknown end may be there", () => {
  const { history, one } = set();
  history.read(60, 70, [one], { elements: [1], homes: 1 });
  const late = history.unknownPut(80, { elements: [1, 3, 5] });
  history.read(90, 100, [late], { elements: [1, 3, late] });
  expect(texts(history)).toEqual([]);
});

test("an element comes from nowhere", () => {
  const { history, two } = set();
  const failed = history.failedPut(52, 55);
  history.read(60, 70, [two], { elements: [1, 3, 99] });
  history.read(60, 70, [two], { elements: [1, 3, failed] });
  expect(texts(history)).toEqual([
    "nobody added element 99 to this set",
    `nobody added element ${failed} to this set`,
  ]);
});
