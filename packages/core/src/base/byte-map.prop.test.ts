import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareBytes } from "./bytes.ts";
import { type ByteKeyed, ByteMap, keyHash } from "./byte-map.ts";

interface Entry extends ByteKeyed {
  readonly serial: number;
}

/** Few distinct hashes, high ones among them, so that runs are long, hashes collide and the margin is used. */
const HASHES = [0, 1, 2 ** 20, 2 ** 29, 2 ** 30 - 2 ** 24, 2 ** 30 - 2, 2 ** 30 - 1];

function crowdedHash(key: Uint8Array): number {
  return HASHES[keyHash(key) % HASHES.length] ?? 0;
}

const keys = fc.uint8Array({ maxLength: 2 });
const steps = fc.array(
  fc.record({
    what: fc.constantFrom("set", "set", "get", "delete"),
    key: keys,
    times: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 60 },
);

/** One step stands for `times` keys in a row, so that tables grow and shrink several times. */
function keysOf(first: Uint8Array, times: number): Uint8Array[] {
  return Array.from({ length: times }, (_, i) => new Uint8Array([...first, i]));
}

function order(a: ByteKeyed, b: ByteKeyed): number {
  return a.hash - b.hash || compareBytes(a.key, b.key);
}

describe.each([
  ["spread", keyHash],
  ["crowded", crowdedHash],
])("with %s hashes", (_, hashOf) => {
  test("it behaves as a Map does, and iterates in order of hash and key", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const map = new ByteMap<Entry>();
        const model = new Map<string, Entry>();
        let serial = 0;
        for (const step of all) {
          for (const key of keysOf(step.key, step.times)) {
            const hash = hashOf(key);
            const name = key.join();
            const expected = model.get(name) ?? null;
            if (step.what === "get") expect(map.get(key, hash)).toBe(expected);
            else if (step.what === "delete") {
              expect(map.delete(key, hash)).toBe(expected);
              model.delete(name);
            } else {
              const entry = { key, hash, serial: serial++ };
              expect(map.set(entry)).toBe(expected);
              model.set(name, entry);
            }
          }
        }
        expect(map.size).toBe(model.size);
        expect([...map]).toEqual([...model.values()].sort(order));
        for (const entry of model.values()) expect(map.get(entry.key, entry.hash)).toBe(entry);
      }),
      { numRuns: 300 },
    );
  });
});
