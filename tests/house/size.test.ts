import { describe, expect, it } from "vitest";
import { listCode, read } from "../../scripts/house/sources.mjs";
import { allState } from "./module-state.ts";
import { allOrders } from "./orders.ts";
import { excesses, excessesOf, readRatchet } from "./size.ts";
import { disabledRules } from "./words.ts";

const ratchet = readRatchet();

describe("sizes", () => {
  it("files and functions are small, or the ratchet says why not", () => {
    const unexplained = excesses().filter(({ key }) => ratchet[key] === undefined);
    expect(unexplained.map(({ key, what }) => `${key} ${what}`)).toEqual([]);
  });

  it("the ratchet holds only what is still needed, each with a reason", () => {
    const disables = listCode().flatMap((path) =>
      disabledRules(path, read(path)).map(({ rule }) => `${path}!${rule}`),
    );
    const found = [...excesses(), ...allOrders(), ...allState()].map(({ key }) => key);
    const needed = new Set([...found, ...disables]);
    const wrong = Object.entries(ratchet).filter(
      ([key, reason]) => !needed.has(key) || reason.trim().length < 10,
    );
    expect(wrong).toEqual([]);
  });
});

describe("the size check", () => {
  const line = "// a line\n";
  const body = "  work();\n";

  it("refuses a file of 401 lines and accepts one of 400", () => {
    expect(excessesOf("packages/a/src/b.ts", line.repeat(400))).toEqual([]);
    expect(excessesOf("packages/a/src/b.ts", line.repeat(401)).map(({ key }) => key)).toEqual([
      "packages/a/src/b.ts",
    ]);
  });

  it("gives test files 600 lines", () => {
    expect(excessesOf("packages/a/src/b.test.ts", line.repeat(600))).toEqual([]);
    expect(excessesOf("packages/a/src/b.test.ts", line.repeat(601))).toHaveLength(1);
  });

  it.each([
    ["f", (inside: string) => `function f() {\n${inside}}\n`],
    ["g", (inside: string) => `const g = () => {\n${inside}};\n`],
    ["m", (inside: string) => `class C {\n  m() {\n${inside}  }\n}\n`],
    ["h", (inside: string) => `export const o = { h: function () {\n${inside}} };\n`],
  ])("refuses a function of 71 lines and accepts one of 70: %s", (name, make) => {
    expect(excessesOf("a.ts", make(body.repeat(68)))).toEqual([]);
    expect(excessesOf("a.ts", make(body.repeat(69))).map(({ key }) => key)).toEqual([`a.ts#${name}`]);
  });

  it("leaves functions in tests alone", () => {
    expect(excessesOf("a.test.ts", `function f() {\n${body.repeat(99)}}\n`)).toEqual([]);
  });
});
