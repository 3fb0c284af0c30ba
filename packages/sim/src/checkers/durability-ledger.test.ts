import { describe, expect, test } from "vitest";
import { checkDurability } from "./durability-ledger.ts";
import { MadeHistory, type Seen, TOMBSTONE } from "./made-history.fixture.ts";

/** The ids of the writes that the ledger calls lost. */
function lost(history: MadeHistory, ...seen: Seen[]): number[] {
  return checkDurability(history, history.finalRead(...seen)).map(({ operations }) => operations[0] ?? 0);
}

describe("lawful", () => {
  test("what is returned at the end", () => {
    const history = new MadeHistory();
    const write = history.put(0, 10);
    expect(lost(history, write)).toEqual([]);
  });

  test("what a later or concurrent overwrite replaced", () => {
    const history = new MadeHistory();
    history.put(0, 10);
    history.put(5, 15);
    const last = history.put(14, 30);
    expect(lost(history, last)).toEqual([]);
  });

  test("what an overwrite of unknown end replaced, however early it began", () => {
    const history = new MadeHistory();
    const late = history.unknownPut(0);
    history.put(100, 110);
    expect(lost(history, late)).toEqual([]);
  });

  test("what a write replaced whose token came from a read of it, or of something that had seen it", () => {
    const history = new MadeHistory();
    history.put(0, 10);
    const second = history.put(20, 30);
    const read = history.read(40, 50, [second]);
    const third = history.put(60, 70, { contextOf: read });
    const fourth = history.put(80, 90, { contextOf: third });
    expect(lost(history, fourth)).toEqual([]);
  });

  test("what a delete removed, be it one of unknown end; and a delete that found nothing", () => {
    const history = new MadeHistory();
    history.idleRemove(0, 1);
    history.put(0, 10);
    history.remove(20, 30);
    expect(lost(history, TOMBSTONE)).toEqual([]);

    const unknown = new MadeHistory();
    unknown.put(0, 10);
    unknown.unknownRemove(5);
    expect(lost(unknown, TOMBSTONE)).toEqual([]);
  });

  test("a failed or an unknown write that is nowhere", () => {
    const history = new MadeHistory();
    const write = history.put(0, 10);
    history.failedPut(20, 30);
    history.unknownPut(40);
    expect(lost(history, write)).toEqual([]);
  });

  test("an os write that power took from all who had acknowledged it", () => {
    const history = new MadeHistory();
    history.put(0, 10, { durability: "os", holders: [1, 2] });
    history.powerCuts.push({ member: 1, atUs: 5 }, { member: 2, atUs: 20 });
    expect(lost(history)).toEqual([]);
  });
});

test("what was acknowledged by, or shown from, a home whose disk is lost may go with it", () => {
  const history = new MadeHistory();
  history.put(0, 10, { holders: [1], homes: 1 });
  const shown = history.put(12, 14, { holders: [1], homes: 1 });
  history.read(20, 30, [shown], { answered: [1, 2] });
  history.lostDisks.push({ member: 1, atUs: 40 });
  expect(lost(history)).toEqual([]);
  const kept = history.put(50, 60, { holders: [1, 2] });
  expect(lost(history)).toEqual([kept]);
});

describe("lost", () => {
  test("an acknowledged write, with nothing left at all", () => {
    const history = new MadeHistory();
    const write = history.put(0, 10);
    expect(lost(history)).toEqual([write]);
  });

  test("behind an overwrite that had ended before it began", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    const second = history.put(20, 30);
    expect(lost(history, first)).toEqual([second]);
  });

  test("behind a failed overwrite", () => {
    const history = new MadeHistory();
    const write = history.put(0, 10);
    const failed = history.failedPut(5, 15);
    expect(lost(history, failed)).toEqual([write]);
  });

  test("behind a write whose token never saw it", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    const read = history.read(20, 30, [first]);
    const unseen = history.put(40, 50);
    const second = history.put(60, 70, { contextOf: read });
    expect(lost(history, second)).toEqual([unseen]);
  });

  test("behind a token whose read returned an overwrite that was still running, though it began after the read", () => {
    const history = new MadeHistory();
    const running = history.put(0, 100);
    const read = history.read(20, 30, [running]);
    const unseen = history.put(40, 50);
    const last = history.put(60, 70, { contextOf: read });
    expect(lost(history, last)).toEqual([unseen]);
  });

  test("behind a tombstone of a delete that had ended before it began", () => {
    const history = new MadeHistory();
    history.remove(0, 10);
    const write = history.put(20, 30);
    expect(lost(history, TOMBSTONE)).toEqual([write]);
  });

  test("a write of unknown end that somebody was shown", () => {
    const history = new MadeHistory();
    const first = history.put(0, 10);
    const shown = history.unknownPut(20);
    history.read(30, 40, [shown]);
    expect(lost(history, first)).toEqual([shown]);
  });

  test("an os write although one who had acknowledged it has not lost power since", () => {
    const history = new MadeHistory();
    const write = history.put(50, 60, { durability: "os", holders: [1, 3] });
    history.powerCuts.push({ member: 1, atUs: 70 }, { member: 2, atUs: 70 }, { member: 3, atUs: 20 });
    expect(lost(history)).toEqual([write]);
  });
});

describe("what only fallbacks acknowledged", () => {
  function history(): MadeHistory {
    const made = new MadeHistory();
    made.put(0, 10, { holders: [9], standIns: [4] });
    made.lostDisks.push({ member: 9, atUs: 5 });
    return made;
  }

  test("is lost when everybody is back and nobody has it", () => {
    const made = new MadeHistory();
    const write = made.put(0, 10, { homes: 0, holders: [], standIns: [4, 5] });
    expect(lost(made)).toEqual([write]);
  });

  test("is promised no longer when somebody's disk is lost, who never comes back", () => {
    expect(lost(history())).toEqual([]);
  });
});
