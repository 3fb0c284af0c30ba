import fc from "fast-check";
import { expect, it } from "vitest";
import { compareBytes } from "../base/bytes.ts";
import { MemoryTable } from "./memory-engine-table.ts";

const bytes = fc.uint8Array({ maxLength: 3 });
const key = fc.oneof(
  bytes,
  fc.integer({ min: 0, max: 2000 }).map((n) => new Uint8Array([n >> 8, n])),
);

it("agrees with a sorted list, whatever is put and removed", () => {
  const steps = fc.array(fc.tuple(key, fc.option(bytes)), { maxLength: 300, size: "max" });
  fc.assert(
    fc.property(steps, key, key, (list, from, to) => {
      const table = new MemoryTable();
      const model = new Map<string, readonly [Uint8Array, Uint8Array]>();
      for (const [at, value] of list) {
        const name = at.join();
        expect(table.set(at, value)).toEqual(model.get(name)?.[1] ?? null);
        if (value === null) model.delete(name);
        else model.set(name, [at, value]);
        expect(table.get(at)).toEqual(value);
      }
      const rows = [...model.values()].sort(([a], [b]) => compareBytes(a, b));
      expect([...table]).toEqual(rows);
      expect(table.size).toBe(rows.length);
      const within = rows.filter(([at]) => compareBytes(at, from) >= 0 && compareBytes(at, to) < 0);
      expect([...table.rows(from, to)]).toEqual(within);
    }),
    { numRuns: 200 },
  );
});

it("splits and empties its chunks", () => {
  const table = new MemoryTable();
  const keys = Array.from(
    { length: 3000 },
    (_, n) => new Uint8Array([((n * 7919) % 3000) >> 8, (n * 7919) % 3000]),
  );
  for (const each of keys) table.set(each, each);
  expect(table.size).toBe(3000);
  expect([...table].map(([at]) => ((at[0] ?? 0) << 8) | (at[1] ?? 0))).toEqual(
    Array.from({ length: 3000 }, (_, n) => n),
  );
  for (const each of keys) expect(table.set(each, null)).toEqual(each);
  expect([...table]).toEqual([]);
  table.set(new Uint8Array([1]), new Uint8Array([2]));
  expect(table.get(new Uint8Array([1]))).toEqual(new Uint8Array([2]));
});
