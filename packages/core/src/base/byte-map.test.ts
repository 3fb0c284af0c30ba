import { expect, test } from "vitest";
import { type ByteKeyed, ByteMap, keyHash } from "./byte-map.ts";

function entry(number: number): ByteKeyed {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, number);
  return { key, hash: keyHash(key) };
}

test("a hundred thousand keys go in, are found, and leave", () => {
  const map = new ByteMap<ByteKeyed>();
  const entries = Array.from({ length: 100_000 }, (_, i) => entry(i));
  expect(entries.every((one) => map.set(one) === null)).toBe(true);
  expect(map.size).toBe(100_000);
  expect(entries.every((one) => map.get(Uint8Array.from(one.key), one.hash) === one)).toBe(true);
  expect(map.get(entry(100_000).key, entry(100_000).hash)).toBeNull();
  expect(entries.every((one) => map.delete(one.key, one.hash) === one)).toBe(true);
  expect(map.size).toBe(0);
  expect([...map]).toEqual([]);
});

test("two maps with the same contents iterate alike, whatever their history", () => {
  const one = new ByteMap<ByteKeyed>();
  const other = new ByteMap<ByteKeyed>();
  const entries = Array.from({ length: 500 }, (_, i) => entry(i));
  for (const each of entries) one.set(each);
  for (let i = 0; i < 5000; i++) other.set(entry(i + 500));
  for (const each of entries.toReversed()) other.set(each);
  for (let i = 0; i < 5000; i++) other.delete(entry(i + 500).key, entry(i + 500).hash);
  expect([...other]).toEqual([...one]);
});

test("hashes have thirty bits and use them evenly", () => {
  const buckets = new Array<number>(64).fill(0);
  let highest = 0;
  for (let i = 0; i < 64_000; i++) {
    const { hash } = entry(i);
    highest = Math.max(highest, hash);
    buckets[hash >>> 24] = (buckets[hash >>> 24] ?? 0) + 1;
  }
  expect(highest).toBeLessThan(2 ** 30);
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(200);
});
