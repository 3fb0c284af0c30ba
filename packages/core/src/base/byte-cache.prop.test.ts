import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteCache, cachedBytes } from "./byte-cache.ts";
import { keyHash } from "./byte-map.ts";
import type { Bytes } from "./bytes.ts";

const KEYS = 12;
const VALUE_BYTES_MAX = 60;

type Step = { kind: "put" | "remove"; key: number; bytes: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<"put" | "remove">("put", "put", "put", "remove"),
    key: fc.nat(KEYS - 1),
    bytes: fc.nat(VALUE_BYTES_MAX),
  }),
  { maxLength: 120 },
);

function keyOf(number: number): Bytes {
  return new Uint8Array(1 + (number % 5)).fill(number);
}

interface Item {
  readonly key: number;
  value: Bytes;
}

/** All in the order in which they came: the first is the next to go. */
class Model {
  readonly items: Item[] = [];

  remove(key: number): void {
    const at = this.items.findIndex((item) => item.key === key);
    if (at >= 0) this.items.splice(at, 1);
  }
}

/** Whether everybody forgets what hash it is, so that all have the same. */
const hashes = fc.boolean();

test("it holds what came in last, and tells who had to go, oldest first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), hashes, steps, (bytesMax, same, all) => {
      const model = new Model();
      const hashOf = (key: number): number => (same ? 7 : keyHash(keyOf(key)));
      const cache = new ByteCache(bytesMax, {
        onEvicted(key, hash, value) {
          const oldest = model.items.shift();
          expect([[...key], hash, [...value]]).toEqual([
            [...keyOf(oldest?.key ?? -1)],
            hashOf(oldest?.key ?? -1),
            [...(oldest?.value ?? [])],
          ]);
        },
      });
      for (const [i, { kind, key, bytes }] of all.entries()) {
        const value = new Uint8Array(bytes).fill(i);
        const there = model.items.find((item) => item.key === key);
        const isYoung = !cache.isOld(cache.find(keyOf(key), hashOf(key)));
        const stays = kind === "put" && there?.value.length === bytes && isYoung;
        if (!stays) model.remove(key);
        if (kind === "remove") cache.remove(keyOf(key), hashOf(key));
        else if (stays) {
          cache.put(keyOf(key), hashOf(key), value);
          there.value = value;
        } else {
          const fits = cache.put(keyOf(key), hashOf(key), value);
          expect(fits).toBe(cachedBytes(keyOf(key).length, bytes) <= Math.floor(bytesMax / 4) * 4);
          if (fits) model.items.push({ key, value });
        }
        for (let each = 0; each < KEYS; each++) {
          const place = cache.find(keyOf(each), hashOf(each));
          const held = model.items.find((item) => item.key === each)?.value;
          expect(place < 0 ? undefined : [...cache.view(place)]).toEqual(held && [...held]);
        }
        expect(cache.size).toBe(model.items.length);
        expect(cache.valueBytes).toBe(model.items.reduce((sum, item) => sum + item.value.length, 0));
      }
    }),
  );
});

test("a key that is put again and again stays, and the others go in turn", () => {
  const cache = new ByteCache(1000, null);
  const put = (name: number): boolean => cache.put(keyOf(name), keyHash(keyOf(name)), new Uint8Array(80));
  for (let i = 0; i < 50; i++) {
    put(1);
    put(2 + (i % 30));
  }
  expect(cache.find(keyOf(1), keyHash(keyOf(1)))).toBeGreaterThanOrEqual(0);
  expect(cache.find(keyOf(3), keyHash(keyOf(3)))).toBe(-1);
});

test("an item is old in the last quarter before it goes", () => {
  const size = cachedBytes(1, 10);
  const cache = new ByteCache(8 * size, null);
  for (let i = 0; i < 8; i++) cache.put(Uint8Array.of(i), i, new Uint8Array(10));
  const old = Array.from({ length: 8 }, (_, i) => cache.isOld(cache.find(Uint8Array.of(i), i)));
  expect(old).toEqual([true, true, false, false, false, false, false, false]);
});

test("items lie in as many segments as are needed, and none across two", () => {
  const mebibyte = 1024 * 1024;
  const evicted: number[] = [];
  const cache = new ByteCache(9 * mebibyte, {
    onEvicted: (key) => {
      evicted.push(key[0] ?? -1);
    },
  });
  const put = (name: number): void => {
    expect(cache.put(Uint8Array.of(name), name, new Uint8Array(1.5 * mebibyte).fill(name))).toBe(true);
  };
  for (let name = 0; name < 7; name++) put(name);
  // Two segments of four, in each of which two have room.
  expect(evicted).toEqual([0, 1, 2]);
  for (let name = 3; name < 7; name++) {
    const value = cache.view(cache.find(Uint8Array.of(name), name));
    expect([value.length, value[0], value.at(-1)]).toEqual([1.5 * mebibyte, name, name]);
  }
  expect(cache.put(Uint8Array.of(9), 9, new Uint8Array(4 * mebibyte))).toBe(false);
});
