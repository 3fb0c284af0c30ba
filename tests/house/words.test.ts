import { describe, expect, it } from "vitest";
import { readRatchet } from "./size.ts";
import { disabledRules, findWords, forbiddenWords, unexplainedDisables } from "./words.ts";

describe("words", () => {
  it("no file promises later work, or switches a test or the types off", () => {
    expect(forbiddenWords()).toEqual([]);
  });

  it("no comment switches a rule off without an entry in the ratchet", () => {
    expect(unexplainedDisables(readRatchet())).toEqual([]);
  });
});

describe("the word check refuses", () => {
  it.each([
    ["a.md", ["TO", "DO: later"]],
    ["a.ts", ["// FIX", "ME"]],
    ["a.ts", ["// XX", "X"]],
    ["a.ts", ["// HA", "CK"]],
    ["a.ts", ["// @ts-", "ignore"]],
    ["a.ts", ["// @ts-", "nocheck"]],
    ["a.ts", ["// @ts-", "expect-error"]],
    ["a.test.ts", ["it", ".only('x')"]],
    ["a.test.ts", ["describe", ".skip('x')"]],
    ["a.test.ts", ["test.concurrent", ".only('x')"]],
    ["a.test.ts", ["it", ".todo('x')"]],
  ])("%s with %j", (path, parts) => {
    expect(findWords(path, parts.join(""))).toHaveLength(1);
  });

  it("a rule switched off, with or without its name", () => {
    const off = ["dis", "able"].join("");
    expect(disabledRules("a.ts", `/* eslint-${off} */`)).toEqual([{ rule: "every rule", line: 1 }]);
    expect(disabledRules("a.ts", `\n// oxlint-${off}-next-line no-new, eqeqeq -- why`)).toEqual([
      { rule: "no-new", line: 2 },
      { rule: "eqeqeq", line: 2 },
    ]);
  });

  it("and accepts ordinary text", () => {
    expect(findWords("a.test.ts", "it.skipIf(noRedisCli)('x')")).toEqual([]);
    expect(findWords("a.ts", "const rows = page.skip(3); // as any member may")).toEqual([]);
  });
});
