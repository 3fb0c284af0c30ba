import { describe, expect, test } from "vitest";
import { draw } from "./drawing.fixture.ts";
import { etcdRegister, type EtcdAction, textRegister, type TextAction } from "./reference-models.fixture.ts";
import { registerModel } from "./register-model.ts";
import { judge } from "./search.ts";
import type { SequentialModel, Timed } from "./sequential-model.ts";

const STEPS_MAX = 100_000;

function timed<Action>(invokedUs: number, endedUs: number, action: Action): Timed<Action> {
  return { client: invokedUs, invokedUs, endedUs, action };
}

function verdict<State, Action>(
  model: SequentialModel<State, Action>,
  ...operations: Timed<Action>[]
): string {
  return judge(model, operations, STEPS_MAX).verdict;
}

describe("a register of numbers, as etcd's", () => {
  const read = (value: number | null): EtcdAction => ({ kind: "read", value });
  const write = (value: number): EtcdAction => ({ kind: "write", value });
  const cas = (from: number, to: number, isDone: boolean | null): EtcdAction => ({
    kind: "cas",
    from,
    to,
    isDone,
  });

  test("an order that explains everything is given", () => {
    const operations = [
      timed(0, 90, write(1)),
      timed(10, 20, read(null)),
      timed(30, 80, cas(1, 2, true)),
      timed(40, 70, cas(1, 3, false)),
      timed(50, 60, read(2)),
      timed(45, Infinity, cas(2, 4, null)),
      timed(95, 99, read(4)),
    ];
    const { verdict: word, order, unplaced } = judge(etcdRegister, operations, STEPS_MAX);
    expect([word, unplaced]).toEqual(["linearizable", null]);
    expect(order.map(({ invokedUs }) => invokedUs)).toEqual([10, 40, 0, 30, 50, 45, 95]);
  });

  test("two compare-and-sets of one value cannot both be done", () => {
    const first = [timed(0, 10, write(1)), timed(20, 50, cas(1, 2, true))];
    expect(verdict(etcdRegister, ...first, timed(30, 40, cas(1, 3, false)))).toBe("linearizable");
    expect(verdict(etcdRegister, ...first, timed(30, 40, cas(1, 3, true)))).toBe("not-linearizable");
  });
});

describe("a store of strings", () => {
  const act = (kind: TextAction["kind"], text: string): TextAction => ({ kind, text });
  const appends = [
    timed(0, 50, act("append", "a")),
    timed(1, 50, act("append", "b")),
    timed(2, 50, act("append", "c")),
  ];

  test("what is got settles the order of appends", () => {
    expect(verdict(textRegister, ...appends, timed(60, 70, act("get", "cab")))).toBe("linearizable");
    expect(verdict(textRegister, ...appends, timed(60, 70, act("get", "cabc")))).toBe("not-linearizable");
    expect(
      verdict(textRegister, ...appends, timed(20, 30, act("get", "c")), timed(60, 70, act("get", "abc"))),
    ).toBe("not-linearizable");
  });

  test("a put begins anew", () => {
    const put = timed(3, 50, act("put", "x"));
    expect(verdict(textRegister, ...appends, put, timed(60, 70, act("get", "xb")))).toBe("linearizable");
    expect(verdict(textRegister, ...appends, put, timed(60, 70, act("get", "bxb")))).toBe("not-linearizable");
  });
});

describe("work", () => {
  const unknown = Array.from({ length: 40 }, (_, i) => `u${i}: [wu${i}   ?`).join("\n");

  test("forty writes of unknown end cost next to nothing, whether they explain what is read or not", () => {
    const lawful = draw(`a: [w1] [ru3] [c*>2] [ru9] [g4=u9]\n${unknown}`).operations;
    const { verdict: word, steps } = judge(registerModel, lawful, STEPS_MAX);
    expect(word).toBe("linearizable");
    expect(steps).toBeLessThan(1_000);
    const wrong = draw(`a: [w1] [ru3] [c*>2] [ru9] [g4=u3]\n${unknown}`).operations;
    const judgement = judge(registerModel, wrong, STEPS_MAX);
    expect(judgement.verdict).toBe("not-linearizable");
    expect(judgement.steps).toBeLessThan(1_000);
  });

  test("forty equal increments of unknown end are not told apart", () => {
    const same = Array.from({ length: 40 }, (_, i) => `u${i}: [i1   ?`).join("\n");
    const { operations } = draw(`a:     [i1=21] [i1=43]\n${same}`);
    const { verdict: word, steps } = judge(registerModel, operations, STEPS_MAX);
    expect(word).toBe("not-linearizable");
    expect(steps).toBeLessThan(10_000);
  });

  /** A line for each action of unknown end, all called at once. */
  const lines = (...actions: string[]): string =>
    actions.map((action, i) => `u${i}: [${action} ?`).join("\n");

  test.each([
    [
      "what has to come next and cannot ends it, whatever else might come",
      `a: [w0] [rz]\n${Array.from({ length: 9 }, (_, i) => `b${i}:      [w${i}      ]`).join("\n")}`,
      100,
    ],
    [
      "what hides whatever came before does not wait for texts",
      `a:      [w1] [w2] [rz]\n${lines("aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai")}`,
      100,
    ],
    [
      "no texts are tried that do not lead to the one sought",
      `a:     [rzz]\n${lines("aa", "ab", "ac", "ad", "ae")}`,
      20,
    ],
    [
      "nor is anything hidden that was tried in vain",
      `a:      [az=99]\n${lines("aa", "ab", "ac", "ad", "w1", "w2", "w3")}`,
      1_000,
    ],
    [
      "sums are not told apart by their order",
      `a:      [i1=999]\n${lines("i1", "i2", "i4", "i8", "i16", "i32")}`,
      1_000,
    ],
  ])("%s", (_what, drawing, stepsMax) => {
    const { verdict: word, steps } = judge(registerModel, draw(drawing).operations, STEPS_MAX);
    expect(word).toBe("not-linearizable");
    expect(steps).toBeLessThan(stepsMax);
  });

  test("it ends within the steps allowed, and the longest order so far is told", () => {
    const texts = Array.from({ length: 12 }, (_, i) => `u${i}: [ax${i}   ?`).join("\n");
    const { operations } = draw(`a: [w1]      [as=30] [r2]\n${texts}`);
    const { verdict: word, order, unplaced, steps } = judge(registerModel, operations, 5_000);
    expect(word).toBe("undecided");
    expect(steps).toBeLessThan(5_010);
    expect(order[0]?.id).toBe(1);
    expect(unplaced?.action.kind).toMatch(/append|read/);
  });

  test("the same history costs the same every time", () => {
    const { operations } = draw(`a: [w1    ] [r1]\nb: [w2    ] [r2]\nc: [w3?`);
    const once = judge(registerModel, operations, STEPS_MAX);
    expect(judge(registerModel, operations, STEPS_MAX)).toEqual(once);
  });
});
