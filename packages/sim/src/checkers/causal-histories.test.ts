import { describe, expect, test } from "vitest";
import { checkCausalHistories } from "./causal-histories.ts";
import { MadeHistory } from "./made-history.fixture.ts";

function texts(history: MadeHistory): string[] {
  return checkCausalHistories(history, () => true).map(({ text }) => text.split("\n")[0] ?? "");
}

const MISSED = "a read returned neither a write that it must meet nor one that had seen it";
const BESIDE = "a read returned a write beside one that had seen it";
const SEEN = "a read returned what a write that it must meet had seen";

/** Two writes beside each other, after a read of nothing, and one that has seen both. */
function diamond(): { history: MadeHistory; left: number; right: number; join: number } {
  const history = new MadeHistory();
  const nothing = history.read(0, 5, []);
  const left = history.put(10, 20, { contextOf: nothing });
  const right = history.put(12, 22, { contextOf: nothing });
  const both = history.read(30, 40, [left, right]);
  const join = history.put(50, 60, { contextOf: both });
  return { history, left, right, join };
}

describe("lawful", () => {
  test("two writes beside each other, then the one that has seen both", () => {
    const { history, join } = diamond();
    history.read(70, 80, [join]);
    expect(texts(history)).toEqual([]);
  });

  test("a read that need not meet a write returns what it likes of what there was", () => {
    const { history, left } = diamond();
    history.read(70, 80, [left], { homes: 1 });
    expect(texts(history)).toEqual([]);
  });

  test("what a write of unknown end had seen may be there or not", () => {
    const { history, join } = diamond();
    const late = history.unknownPut(90, { contextOf: join });
    history.read(100, 110, [join]);
    history.read(120, 130, [late]);
    expect(texts(history)).toEqual([]);
  });

  test("a chain of receipts is a chain of histories", () => {
    const history = new MadeHistory();
    const nothing = history.read(0, 5, []);
    let last = history.put(10, 11, { contextOf: nothing });
    for (let at = 20; at < 2_000; at += 10) last = history.put(at, at + 1, { contextOf: last });
    history.read(3_000, 3_001, [last]);
    expect(texts(history)).toEqual([]);
  });
});

describe("unlawful", () => {
  test("an acknowledged write is gone, though something else is there", () => {
    const { history, left } = diamond();
    history.read(70, 80, [left]);
    expect(texts(history)).toContain(MISSED);
  });

  test("a write that had seen only one of two siblings does not answer for the other", () => {
    const history = new MadeHistory();
    const nothing = history.read(0, 5, []);
    const left = history.put(10, 20, { contextOf: nothing });
    history.put(12, 22, { contextOf: nothing });
    const next = history.put(30, 40, { contextOf: left });
    history.read(50, 60, [next]);
    expect(texts(history)).toEqual([MISSED]);
  });

  test("a write stands beside one that had seen it, through however many between", () => {
    const { history, left, join } = diamond();
    const last = history.put(70, 80, { contextOf: join });
    history.read(90, 100, [left, last], { homes: 1 });
    expect(texts(history)).toEqual([BESIDE]);
  });

  test("what an acknowledged write had seen comes back without it", () => {
    const { history, left, right } = diamond();
    history.read(70, 80, [left, right]);
    expect(texts(history)).toEqual([MISSED, SEEN, SEEN]);
  });
});

test("other families of keys are not looked at", () => {
  const { history, left } = diamond();
  history.read(70, 80, [left]);
  expect(checkCausalHistories(history, () => false)).toEqual([]);
});

describe("writes that are to change only what was read", () => {
  const BESIDE_UNREAD = "a write that is to change only what was read was acknowledged beside something else";
  const NOTHING_BESIDE =
    "a write was refused because of something that its author had not seen, and there is nothing";

  test("are taken where the coordinator holds nothing else, and refused where there is something", () => {
    const { history, left, right, join } = diamond();
    const dot = { member: 3, start: 1, clock: 9 };
    history.put(70, 80, { contextOf: join, onlyIfSeen: true, dot: { ...dot, member: 1 } });
    // The third home has acknowledged neither of the two.
    history.put(82, 84, { contextOf: left, onlyIfSeen: true, dot, homes: 1, holders: [3] });
    history.failedPut(90, 95, { contextOf: right, onlyIfSeen: true, code: "CONFLICT" });
    expect(texts(history)).toEqual([]);
  });

  test("must not be taken beside what their coordinator had acknowledged before", () => {
    const { history, left } = diamond();
    history.put(70, 80, { contextOf: left, onlyIfSeen: true, dot: { member: 1, start: 1, clock: 9 } });
    expect(texts(history)).toEqual([BESIDE_UNREAD]);
  });

  test("must not be refused where there is nothing else", () => {
    const { history, join } = diamond();
    history.failedPut(70, 80, { contextOf: join, onlyIfSeen: true, code: "CONFLICT" });
    history.put(85, 86, { contextOf: join });
    expect(texts(history)).toEqual([NOTHING_BESIDE]);
  });
});
