import fc from "fast-check";
import { expect, test } from "vitest";
import { SlotTable } from "./slot-table.ts";

const steps = fc.array(fc.oneof(fc.constant("insert" as const), fc.nat(50)), { maxLength: 200 });

test("it holds exactly what went in and has not left", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const table = new SlotTable<{ serial: number }>();
      const model = new Map<number, { serial: number }>();
      const given: number[] = [];
      for (const step of all) {
        if (step === "insert") {
          const item = { serial: given.length };
          const id = table.insert(item);
          expect(given).not.toContain(id);
          given.push(id);
          model.set(id, item);
        } else {
          const id = given[step] ?? 12_345;
          expect(table.remove(id)).toBe(model.get(id) ?? null);
          model.delete(id);
        }
        expect(table.size).toBe(model.size);
      }
      for (const id of given) expect(table.get(id)).toBe(model.get(id) ?? null);
      const seen: number[] = [];
      table.forEach((item, id) => {
        expect(model.get(id)).toBe(item);
        seen.push(id);
      });
      expect(seen).toHaveLength(model.size);
      expect(seen).toEqual(seen.toSorted((a, b) => (a & 0xffff) - (b & 0xffff)));
    }),
  );
});
