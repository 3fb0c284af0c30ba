import fc from "fast-check";
import { expect, test } from "vitest";
import { LruList } from "./lru.ts";

class Item {
  newer: Item | null = null;
  older: Item | null = null;
  readonly name: number;

  constructor(name: number) {
    this.name = name;
  }
}

const ITEMS = 6;
const steps = fc.array(fc.tuple(fc.constantFrom("touch", "touch", "remove"), fc.nat(ITEMS - 1)), {
  maxLength: 60,
});

test("the oldest is always the one not touched for longest", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const list = new LruList<Item>();
      const items = Array.from({ length: ITEMS }, (_, name) => new Item(name));
      let model: number[] = [];
      for (const [what, name] of all) {
        const item = items[name];
        if (item === undefined) continue;
        model = model.filter((each) => each !== name);
        if (what === "touch") {
          list.touch(item);
          model.push(name);
        } else list.remove(item);
        expect(list.oldest?.name ?? null).toBe(model[0] ?? null);
      }
      const drained: number[] = [];
      for (let oldest = list.oldest; oldest !== null; oldest = list.oldest) {
        drained.push(oldest.name);
        list.remove(oldest);
      }
      expect(drained).toEqual(model);
    }),
  );
});
