import { describe, expect, it } from "vitest";
import { allState, stateOf } from "./module-state.ts";
import { readRatchet } from "./size.ts";

const path = "packages/core/src/base/a.ts";

/** The names of what is found. */
function found(text: string): string[] {
  return stateOf(path, text).map(({ key }) => key.replace(`${path}#`, ""));
}

it("no module of core keeps anything from one member to the next, or the ratchet says why", () => {
  const ratchet = readRatchet();
  expect(allState().filter(({ key }) => ratchet[key] === undefined)).toEqual([]);
});

describe("the module check refuses", () => {
  it.each([
    ["n", "let n = 0;"],
    ["n", "export let n: number | null = null;"],
    ["n", "var n = 0;"],
    ["n", "export class A { static n = 0; }"],
    ["n", "export class A { static readonly #n = new Map(); }"],
    ["seen", "const seen = new Map(); export const f = (x) => void seen.set(x, 1);"],
    ["seen", "const seen = new Set([1]); export class A { a(x) { if (x) seen.delete(x); } }"],
    ["list", "const list = [1, 2]; export function f() { list.push(3); }"],
    ["list", "const list: number[] = [1]; export function f() { list[0] = 3; }"],
    ["list", "const list = [1]; export const f = () => list[0]++;"],
    ["table", "const table = new Uint8Array([1]); export const f = () => table.fill(2);"],
    ["table", "const table = { a: 1 }; export const f = () => { delete table.a; };"],
    ["table", "const table = { a: { b: 1 } }; export const f = () => { (table.a as A).b = 2; };"],
    ["table", `import { table } from "./b.ts"; export const f = () => { table.a = 2; };`],
    ["f", "export function f() { f.calls = 1; }"],
    ["scratch", "const scratch = new Uint8Array(8); export const f = (x) => encode(x, scratch);"],
    ["empty", "const empty: number[] = []; export const f = () => empty;"],
    ["word", "const word = /a/g; export const f = (text) => word.test(text);"],
    ["clock", "const clock = new HybridClock();"],
    ["next", "const next = (() => { let n = 0; return () => n; })();"],
    ["held", "const held = new Held() satisfies Holder as Holder;"],
    ["NAMES", `export const NAMES = ["a"];`],
    ["ROWS", "export const ROWS: Map<string, number> = new Map([[1, 2]]);"],
  ])("%s in %s", (name, text) => {
    expect(found(text)).toEqual([name]);
  });

  it("and accepts constants, what is worked out while the module is loaded, and what lives in an object", () => {
    const texts = [
      "const TABLE = new Int32Array(256); for (let i = 0; i < 256; i++) TABLE[i] = i; export const f = (x) => TABLE[x];",
      `const NAMES = new Set(["a"]); export const f = (x) => NAMES.has(x);`,
      `export const NAMES: readonly string[] = ["a"]; export const MORE: ReadonlySet<string> = new Set(NAMES);`,
      `export const NAMES = ["a"] as const;`,
      "const NOTHING: readonly number[] = []; export const f = () => NOTHING;",
      "export const EMPTY: Bytes = new Uint8Array(0); export const f = () => EMPTY;",
      "const word = /a/g; export const f = (text) => text.replaceAll(word, '');",
      "export class A { readonly seen = new Map(); n = 0; a(x) { this.seen.set(x, this.n++); } }",
      "export function f() { let n = 0; const list = []; list.push(n++); return list; }",
    ];
    for (const text of texts) expect([text, found(text)]).toEqual([text, []]);
    expect(stateOf("packages/core/src/base/a.test.ts", "let n = 0;")).toEqual([]);
    expect(stateOf("packages/server/src/a.ts", "let n = 0;")).toEqual([]);
  });
});
