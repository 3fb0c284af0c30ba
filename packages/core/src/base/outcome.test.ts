import { expect, test } from "vitest";
import { type OutcomeCode, OUTCOMES, outcomeOfWire } from "./outcome.ts";

/** Once released, a code keeps its number, its RESP word, its HTTP status and whether it is definite. */
const PUBLISHED: readonly (readonly [
  number,
  OutcomeCode,
  string,
  number,
  "definite" | "indefinite",
  boolean,
])[] = [
  [0, "OK", "OK", 200, "definite", false],
  [1, "QUORUM", "QUORUM", 503, "definite", true],
  [2, "TIMEOUT", "TIMEOUT", 504, "indefinite", true],
  [3, "UNKNOWN", "UNKNOWN", 504, "indefinite", true],
  [4, "OVERLOADED", "OVERLOADED", 503, "definite", true],
  [5, "TOOLARGE", "TOOLARGE", 413, "definite", false],
  [6, "LIMIT", "LIMIT", 409, "definite", false],
  [7, "BADCONTEXT", "BADCONTEXT", 400, "definite", false],
  [8, "CLOCK", "CLOCK", 503, "definite", true],
  [9, "DISKFULL", "DISKFULL", 507, "definite", true],
  [10, "DAMAGED", "DAMAGED", 503, "definite", true],
  [11, "LOADING", "LOADING", 503, "definite", true],
  [12, "EPOCH", "EPOCH", 503, "definite", true],
  [13, "INVALID", "ERR", 400, "definite", false],
  [14, "CONFLICT", "CONFLICT", 409, "definite", false],
  [15, "CONDITION", "CONDITION", 412, "definite", false],
];

test.each(PUBLISHED)("%d is %s", (wire, code, resp, http, definite, retriable) => {
  expect(OUTCOMES[code]).toMatchObject({ wire, resp, http, retriable, definite: definite === "definite" });
  expect(outcomeOfWire(wire)).toBe(code);
});

test("the table holds nothing that is not published, and no number twice", () => {
  expect(Object.keys(OUTCOMES)).toEqual(PUBLISHED.map(([, code]) => code));
  const numbers = Object.values(OUTCOMES).map((info) => info.wire);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each([-1, 16, 255, 0.5, NaN])("%d is the number of no outcome", (wire) => {
  expect(outcomeOfWire(wire)).toBeNull();
});

test("RESP words are one upper-case word, and texts one line", () => {
  for (const { resp, text } of Object.values(OUTCOMES)) {
    expect(resp).toMatch(/^[A-Z]+$/);
    expect(text).toMatch(/^[\x20-\x7e]+$/);
  }
});
