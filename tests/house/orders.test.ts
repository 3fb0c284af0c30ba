import { describe, expect, it } from "vitest";
import { allOrders, ordersOf } from "./orders.ts";
import { readRatchet } from "./size.ts";

it("core depends on no order but that of its data, or the ratchet says why", () => {
  const ratchet = readRatchet();
  expect(allOrders().filter(({ key }) => ratchet[key] === undefined)).toEqual([]);
});

describe("the order check refuses", () => {
  it.each([
    ["for-in", "for (const key in record) use(key);"],
    ["sort", "names.sort();"],
    ["sort", "export const sorted = [...names].toSorted();"],
    ["sort", `names?.["sort"]();`],
    ["sort", "names.sort(asNumbers ? compareNumbers : undefined);"],
    ["keys", "for (const key of Object.keys(record)) use(key);"],
    ["keys", "return Object.entries(this.#counters);"],
    ["keys", "Object.values({ ...record });"],
    ["keys", "Reflect.ownKeys(record);"],
    ["stack", "if (new Error().stack === undefined) use();"],
    ["stack", "const { length } = error.stack ?? [];"],
    ["stack", "Error.captureStackTrace(error);"],
  ])("%s: %s", (rule, statement) => {
    const text = `export function f() {\n  ${statement.replace("export ", "")}\n}\n`;
    const found = ordersOf("packages/core/src/base/a.ts", text);
    expect(found.map(({ key }) => key)).toEqual([`packages/core/src/base/a.ts#${rule}`]);
    expect(found[0]?.what).toMatch(/^line 2 /);
  });

  it("and accepts what is the same everywhere, and tests", () => {
    const fine =
      "names.sort(compareTexts); rows.toSorted((a, b) => a - b); Object.keys(OUTCOMES); stack.pop();";
    expect(ordersOf("packages/core/src/base/a.ts", fine)).toEqual([]);
    expect(ordersOf("packages/core/src/base/a.test.ts", "names.sort();")).toEqual([]);
    expect(ordersOf("packages/server/src/a.ts", "names.sort();")).toEqual([]);
  });
});
