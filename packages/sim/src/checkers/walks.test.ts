import { expect, test } from "vitest";
import type { Kept } from "./kept.ts";
import { MadeHistory } from "./made-history.fixture.ts";
import { checkWalks } from "./walks.ts";

function texts(history: MadeHistory, kept?: Kept): string[] {
  return checkWalks(history, kept).map(({ text }) => text.split("\n")[0] ?? "");
}

function walk(history: MadeHistory, beganUs: number, endedUs: number, ...keys: string[]): void {
  history.walks.push({ beganUs, endedUs, keys });
}

test("lists what was written before it, and may list or miss what is written meanwhile", () => {
  const history = new MadeHistory();
  history.put(0, 10, { key: "a" });
  history.put(25, 40, { key: "b" });
  walk(history, 20, 50, "a", "b");
  walk(history, 20, 50, "a");
  expect(texts(history)).toEqual([]);
});

test("a key is missed, or listed twice, or never was", () => {
  const history = new MadeHistory();
  history.put(0, 10, { key: "a" });
  history.put(60, 70, { key: "late" });
  walk(history, 20, 50);
  walk(history, 20, 50, "a", "a");
  walk(history, 20, 50, "a", "late");
  expect(texts(history)).toEqual([
    "a walk missed a key",
    "a walk listed a key twice",
    "a walk listed a key that nobody has written",
  ]);
});

test("what a majority need not have met may be missed", () => {
  const history = new MadeHistory();
  history.put(0, 10, { key: "a", homes: 1 });
  history.put(0, 10, { key: "b", durability: "os" });
  history.powerCuts.push({ member: 1, atUs: 15 });
  walk(history, 20, 50);
  expect(texts(history)).toEqual([]);
});

test("what somebody removes, or what expires, while or after it is written may be missed", () => {
  const history = new MadeHistory();
  history.put(10, 20, { key: "a" });
  history.unknownRemove(5, { key: "a" });
  history.put(10, 20, { key: "b", expiryMs: 1 });
  history.put(10, 20, { key: "c" });
  history.remove(40, 60, { key: "c" });
  walk(history, 30, 50);
  expect(texts(history)).toEqual([]);
});

test("what was removed before it was written again is missed, unless the removal may have a higher dot", () => {
  const history = new MadeHistory();
  history.remove(0, 5, { key: "a" });
  history.put(10, 20, { key: "a" });
  walk(history, 30, 50);
  expect(texts(history)).toEqual(["a walk missed a key"]);
  expect(texts(history, { has: () => false, isBeaten: () => true })).toEqual([]);
});

test("what was removed is listed", () => {
  const history = new MadeHistory();
  history.put(0, 10, { key: "a" });
  history.remove(20, 30, { key: "a" });
  walk(history, 40, 50, "a");
  expect(texts(history)).toEqual(["a walk listed what was removed"]);
});

test("what was removed may be listed if there was a write beside, or after", () => {
  const history = new MadeHistory();
  history.put(0, 10, { key: "a" });
  history.unknownPut(5, { key: "a" });
  history.remove(20, 30, { key: "a" });
  history.put(0, 10, { key: "b" });
  history.remove(20, 30, { key: "b" });
  history.unknownPut(45, { key: "b" });
  walk(history, 40, 50, "a", "b");
  expect(texts(history)).toEqual([]);
});
