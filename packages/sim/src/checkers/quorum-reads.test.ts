import { describe, expect, test } from "vitest";
import { MadeHistory, TOMBSTONE } from "./made-history.fixture.ts";
import { checkReads } from "./quorum-reads.ts";

function found(history: MadeHistory): string[] {
  return checkReads(history).map(({ checker, operations }) => `${checker} ${operations.join(" ")}`);
}

describe("lawful", () => {
  test("reads that return the last write, a sibling, a running one, or what replaced them", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    history.read(10, 20, [first]);
    const running = history.put(25, 100);
    history.read(30, 40, [first]);
    history.read(50, 60, [running]);
    history.read(50, 60, [first, running]);
    history.remove(200, 210);
    history.read(220, 230, [TOMBSTONE]);
    expect(found(history)).toEqual([]);
  });

  test("a miss when R + W does not exceed N", () => {
    const history = new MadeHistory();
    history.put(0, 10, { homes: 1 });
    history.read(20, 30, []);
    history.put(40, 50, { homes: 2 });
    history.read(60, 70, [], { homes: 1 });
    expect(found(history)).toEqual([]);
  });

  test("siblings of two overwrites whose quorums share no home", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10, { homes: 1, holders: [1] });
    const second = history.put(20, 30, { homes: 2, holders: [2, 3] });
    history.read(40, 50, [first, second]);
    expect(found(history)).toEqual([]);
  });

  test("a sibling that its token had not seen; one whose write was still running when the token was made", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    const read = history.read(20, 30, [first]);
    const second = history.put(40, 50);
    const third = history.put(60, 70, { contextOf: read });
    history.read(80, 90, [second, third]);

    const running = history.put(100, 140);
    const early = history.read(110, 120, [running]);
    const replacing = history.put(150, 160, { contextOf: early });
    history.read(170, 180, [running, replacing]);
    expect(found(history)).toEqual([]);
  });

  test("an os write that power took with it", () => {
    const history = new MadeHistory();
    history.put(0, 10, { durability: "os", holders: [1, 2] });
    history.powerCuts.push({ member: 2, atUs: 15 });
    history.read(20, 30, []);
    history.put(40, 50, { durability: "os", holders: [1, 2] });
    history.powerCuts.push({ member: 2, atUs: 60 });
    history.put(70, 80, { holders: [2, 3] });
    history.read(90, 100, [3, 4]);
    expect(found(history)).toEqual([]);
  });
});

describe("caught", () => {
  test("nothing at all after an acknowledged write", () => {
    const history = new MadeHistory();
    history.put(0, 10);
    history.read(20, 30, []);
    expect(found(history)).toEqual(["quorum 1 2"]);
  });

  test("an older write after a newer one", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    history.put(20, 30);
    history.read(40, 50, [first]);
    expect(found(history)).toEqual(["quorum 2 3", "resurrection 1 2 3"]);
  });

  test("a value that nobody wrote, that had failed, of another key, or from the future", () => {
    const history = new MadeHistory();
    const failed = history.failedPut(0, 10);
    history.read(20, 30, [77]);
    history.read(20, 30, [failed]);
    const other = history.put(40, 50, { key: "other" });
    history.read(60, 70, [other]);
    const future = 7;
    history.read(60, 70, [future]);
    expect(history.put(80, 90)).toBe(future);
    expect(found(history)).toEqual(["invented 77 2", "invented 1 3", "invented 4 5", "invented 7 6"]);
  });

  test("a miss of an os write that enough homes must still hold", () => {
    const history = new MadeHistory();
    history.put(0, 10, { durability: "os", homes: 3 });
    history.powerCuts.push({ member: 2, atUs: 15 });
    history.read(20, 30, []);
    expect(found(history)).toEqual(["quorum 1 2"]);
  });

  test("siblings without any concurrency", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    const second = history.put(20, 30);
    history.read(40, 50, [first, second]);
    expect(found(history)).toEqual(["resurrection 1 2 3"]);
  });

  test("a deleted value that comes back", () => {
    const history = new MadeHistory();
    const write = history.put(0, 10);
    history.remove(20, 30);
    history.read(40, 50, [write, TOMBSTONE]);
    history.read(60, 70, [write]);
    expect(found(history)).toEqual(["resurrection 1 2 3", "quorum 2 4", "resurrection 1 2 4"]);
  });

  test("a value beside the one that replaced it by its token", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10, { homes: 1 });
    const second = history.put(20, 30, { contextOf: first });
    history.read(40, 50, [first, second]);
    const read = history.read(60, 70, [second]);
    const third = history.put(80, 90, { contextOf: read });
    history.read(100, 110, [second, third]);
    expect(found(history)).toEqual(["resurrection 1 2 3", "resurrection 2 5 6"]);
  });
});
