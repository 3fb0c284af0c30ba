import { expect, test } from "vitest";
import { SLOT_TABLE_CAPACITY, SlotTable } from "./slot-table.ts";

interface Item {
  readonly name: string;
}

function item(name: string): Item {
  return { name };
}

test("an id finds its item until the item leaves", () => {
  const table = new SlotTable<Item>();
  const a = item("a");
  const id = table.insert(a);
  expect(id).toBeGreaterThan(0);
  expect(table.get(id)).toBe(a);
  expect(table.remove(id)).toBe(a);
  expect(table.get(id)).toBeNull();
  expect(table.remove(id)).toBeNull();
  expect(table.size).toBe(0);
});

test("another item takes an id over", () => {
  const table = new SlotTable<{ name: string }>();
  const id = table.insert({ name: "first" });
  table.replace(id, { name: "second" });
  expect([table.get(id)?.name, table.size]).toEqual(["second", 1]);
  table.remove(id);
  expect(() => table.replace(id, { name: "third" })).toThrow("only what is there is replaced");
});

test.each([0, -1, 1, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 40, NaN, 0.5])("%d is nobody's id", (id) => {
  const table = new SlotTable<Item>();
  for (let i = 0; i < 10; i++) table.insert(item(String(i)));
  expect(table.get(id)).toBeNull();
  expect(table.remove(id)).toBeNull();
});

test("it takes 65,536 items and no more, and goes on when one leaves", () => {
  const table = new SlotTable<Item>();
  const ids = Array.from({ length: SLOT_TABLE_CAPACITY - 1 }, () => table.insert(item("a")));
  const last = table.insert(item("last"));
  expect(last).toBeGreaterThan(0);
  expect(new Set([...ids, last]).size).toBe(SLOT_TABLE_CAPACITY);
  expect(table.insert(item("one too many"))).toBe(0);
  expect(table.size).toBe(SLOT_TABLE_CAPACITY);
  table.remove(last);
  const next = table.insert(item("next"));
  expect(next).not.toBe(last);
  expect(table.get(next)?.name).toBe("next");
  expect(table.get(last)).toBeNull();
});

test("no id comes back within a million insertions, even with one item at a time", () => {
  const table = new SlotTable<Item>();
  const seen = new Set<number>();
  const only = item("only");
  for (let i = 0; i < 1_000_000; i++) {
    const id = table.insert(only);
    seen.add(id);
    table.remove(id);
  }
  expect(seen.size).toBe(1_000_000);
});

test("generations wrap without ever giving the id 0", () => {
  const table = new SlotTable<Item>();
  const only = item("only");
  let lowest = Infinity;
  let highest = 0;
  for (let i = 0; i < SLOT_TABLE_CAPACITY - 1; i++) table.insert(only);
  for (let i = 0; i < 70_000; i++) {
    const id = table.insert(only);
    lowest = Math.min(lowest, id);
    highest = Math.max(highest, id);
    table.remove(id);
  }
  expect(lowest).toBe((1 << 16) | 65_535);
  expect(highest).toBe(2 ** 31 - 1);
});
