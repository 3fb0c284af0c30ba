import { expect, test } from "vitest";
import { MadeHistory } from "./made-history.fixture.ts";
import { checkMonotonicReads } from "./monotonic-reads.ts";

const level = { levelsFirst: true };

/** Two writes with contexts side by side. */
function siblings(): MadeHistory {
  const history = new MadeHistory();
  const first = history.read(0, 1, []);
  history.put(10, 20, { contextOf: first, homes: 1 });
  history.put(10, 20, { contextOf: first, homes: 1 });
  return history;
}

test("a later read that returns less than an earlier one is found", () => {
  const history = siblings();
  history.read(30, 40, [2, 3], level);
  history.read(50, 60, [3], level);
  expect(checkMonotonicReads(history)).toMatchObject([{ checker: "monotonic", operations: [2, 4, 5] }]);
});

test("what had seen it may stand for it, and reads side by side may differ", () => {
  const history = siblings();
  const read = history.read(30, 40, [2, 3], level);
  history.put(42, 45, { contextOf: read });
  history.read(50, 60, [5], level);
  history.read(35, 60, [2], level);
  expect(checkMonotonicReads(history)).toEqual([]);
});

test("plain reads, and those of less than a majority, promise nothing", () => {
  for (const choices of [{}, { levelsFirst: true, homes: 1 }]) {
    const history = siblings();
    history.read(30, 40, [2, 3], choices);
    history.read(50, 60, [3], choices);
    expect(checkMonotonicReads(history)).toEqual([]);
  }
});

test("a power cut may take what was not fsynced, and a lost disk anything", () => {
  const cut = siblings();
  cut.put(10, 20, { durability: "os", homes: 1 });
  cut.powerCuts.push({ member: 1, atUs: 45 });
  const lost = siblings();
  lost.lostDisks.push({ member: 1, atUs: 45 });
  for (const history of [cut, lost]) {
    history.read(30, 40, [2, 3], level);
    history.read(50, 60, [3], level);
    expect(checkMonotonicReads(history)).toEqual([]);
  }
});
