import { describe, expect, test } from "vitest";
import { checkLinearizability } from "./linearizability.ts";
import { draw } from "./linearizability/drawing.fixture.ts";
import {
  CONDITIONS,
  COUNTS_AND_TEXTS,
  DELETES,
  FAILURES_AND_KEYS,
  INSTANTS,
  READS_AND_WRITES,
  vectorsOf,
} from "./linearizability/vectors.fixture.ts";
import { UNKNOWN_ENDS } from "./linearizability/vectors-of-unknown-ends.fixture.ts";

const THEMES = [
  ["reads and writes", READS_AND_WRITES],
  ["instants", INSTANTS],
  ["conditions", CONDITIONS],
  ["counts and texts", COUNTS_AND_TEXTS],
  ["deletes", DELETES],
  ["unknown ends", UNKNOWN_ENDS],
  ["failures and keys", FAILURES_AND_KEYS],
] as const;

describe.each(THEMES)("%s", (_theme, text) => {
  const rows = vectorsOf(text).map((vector) => [vector.verdict, vector.what, vector.history] as const);
  test.each(rows)("%s: %s", (verdict, _what, history) => {
    const violations = checkLinearizability(history);
    expect(violations.map(({ text: words }) => words)).toHaveLength(verdict === "yes" ? 0 : 1);
    if (violations[0] !== undefined) expect(violations[0].text).toMatch(/^no order of the operations/);
  });
});

test("there are many, and half of them are violations", () => {
  const all = THEMES.flatMap(([, text]) => vectorsOf(text));
  const violations = all.filter(({ verdict }) => verdict === "no");
  expect(all.length).toBeGreaterThanOrEqual(100);
  expect(2 * violations.length).toBeGreaterThanOrEqual(all.length);
});

describe("a violation", () => {
  test("names the key, shows an order as far as it goes, and what has no place in it", () => {
    const history = draw(`
      a: [w1] [w2@x] [c1>2 ?
      b:              [i5=6     ] [r1]
    `);
    expect(checkLinearizability(history)).toEqual([
      {
        checker: "linearizability",
        key: "k",
        text: [
          "no order of the operations explains what clients saw; the longest found places 2 of 4",
          '  #1 client 1 write "1", done: 0.000009 to 0.000012 s -> "1"',
          '  #4 client 2 increment by 5, now 6: 0.000022 to 0.000032 s -> "6"',
          "cannot be placed next, and ended before all others that are left",
          '  #5 client 2 read, saw "1": 0.000034 to 0.000037 s',
        ].join("\n"),
        operations: [1, 4, 5],
      },
    ]);
  });

  test("is found in each key that is wrong", () => {
    const history = draw("a: [r1@x] [r-@y] [r1@z]");
    expect(checkLinearizability(history).map(({ key, operations }) => [key, operations])).toEqual([
      ["x", [1]],
      ["z", [3]],
    ]);
  });

  test("shows only the end of a long order", () => {
    const history = draw(`a:${" [w1] [r1]".repeat(20)} [r2]`);
    const [violation] = checkLinearizability(history);
    expect(violation?.text.split("\n")).toHaveLength(1 + 8 + 2);
    expect(violation?.operations).toEqual([33, 34, 35, 36, 37, 38, 39, 40, 41]);
  });

  test("it is too if nobody can tell within the steps allowed", () => {
    const history = draw(`
      a: [w1    ] [r1]
      b: [w2    ]
    `);
    expect(checkLinearizability(history, 4)).toEqual([]);
    expect(checkLinearizability(history, 1)).toEqual([
      {
        checker: "linearizability",
        key: "k",
        text: [
          "not decided within 1 steps; the longest order found places 1 of 3 operations",
          '  #1 client 1 write "1", done: 0.000009 to 0.000016 s -> "1"',
          "not yet placed, and ended before all others that are left",
          '  #2 client 2 write "2", done: 0.000009 to 0.000016 s',
        ].join("\n"),
        operations: [1, 2],
      },
    ]);
  });

  test("the longest order is shown, not the last that was tried", () => {
    const history = draw(`
      a: [w1    ] [r2] [r1]
      b: [w2    ]
    `);
    expect(checkLinearizability(history)[0]?.operations).toEqual([1, 2, 3, 4]);
  });
});

test("what has not ended well has no end, whatever time it is given", () => {
  const { operations } = draw(`
    a: [w1?
    b:          [r-]
  `);
  for (const ending of ["unknown", "running"] as const) {
    const given = operations.map((one) => (one.id === 1 ? { ...one, ending, endedUs: 8 } : one));
    expect(checkLinearizability({ operations: given })).toEqual([]);
  }
});
