import { expect, it } from "vitest";
import { ValueCache } from "./value-cache.ts";

function read(cache: ValueCache, key: string): string | null {
  const value = cache.get(key);
  return value === null ? null : Buffer.from(value).toString();
}

it("has what was put last, and lets the oldest go", () => {
  const cache = new ValueCache(64);
  cache.put("a", Buffer.from("1".repeat(16)));
  cache.put("b", Buffer.from("2".repeat(16)));
  cache.put("c", Buffer.from("3".repeat(16)));
  expect([read(cache, "a"), read(cache, "b"), read(cache, "c")]).toEqual(
    ["1", "2", "3"].map((digit) => digit.repeat(16)),
  );
  // Does not fit behind c, so it goes to the beginning, where a was.
  cache.put("d", Buffer.from("4".repeat(10)));
  expect([read(cache, "a"), read(cache, "c"), read(cache, "d")]).toEqual([
    null,
    "3".repeat(16),
    "4".repeat(10),
  ]);
});

it("replaces a value of the same length where it lies, so that rewriting one key drives no other out", () => {
  const cache = new ValueCache(64);
  cache.put("a", Buffer.from("first"));
  for (let time = 0; time < 100; time++) cache.put("b", Buffer.from(`time ${time % 10}`));
  expect([read(cache, "a"), read(cache, "b")]).toEqual(["first", "time 9"]);
});

it("never shows another key's bytes, whatever was put in between", () => {
  const cache = new ValueCache(1000);
  const held = new Map<string, string>();
  let missing = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const key = String((turn * 7919) % 61);
    const value = `${key}:${turn}`.padEnd((turn * 31) % 90, ".");
    cache.put(key, Buffer.from(value));
    held.set(key, value);
    const asked = String((turn * 104_729) % 61);
    const found = read(cache, asked);
    if (found === null) missing++;
    else expect(found).toBe(held.get(asked));
  }
  expect(missing).toBeGreaterThan(0);
  expect(missing).toBeLessThan(20_000);
});

it("does not keep a value of half its size, nor an older one of the same key", () => {
  const cache = new ValueCache(64);
  cache.put("a", Buffer.from("small"));
  cache.put("a", Buffer.alloc(40));
  expect(cache.get("a")).toBeNull();
});
