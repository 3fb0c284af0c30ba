/** Answers from cursor to cursor, against a model: each key once, in pages of any size, though buckets are split. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bytes, compareBytes } from "../base/bytes.ts";
import { hex, latin1Encode } from "../base/utf8.ts";
import { slotOf } from "../ring/slot.ts";
import { keyOfRecordKey, recordKey } from "../storage/keyspace.ts";
import { crowdedKeys } from "./scan-buckets.fixture.ts";
import { ScanCollector } from "./scan-collector.ts";
import { SCAN_CURSOR_MAX, bucketOf, placeOfCursor } from "./scan-cursor.ts";

const CROWD = crowdedKeys(3, 6);
const KEYS = [
  ...CROWD,
  ...Array.from({ length: 12 }, (_, i) => {
    const key = latin1Encode(`key-${i}`);
    return recordKey(slotOf(key), 1, key);
  }),
].toSorted(compareBytes);
const END = placeOfCursor(SCAN_CURSOR_MAX + 1).bucket;

interface Limits {
  readonly count: number;
  readonly keyBytesMax: number;
  readonly bucketKeysMax: number;
}

/** One answer over what is there now. `step`: how many rows are known of at a time. */
function answer(there: readonly Bytes[], cursor: number, limits: Limits): ScanCollector {
  const collector = new ScanCollector(cursor, limits.count, limits.keyBytesMax, limits.bucketKeysMax);
  const { bucket } = placeOfCursor(cursor);
  for (const storageKey of there) {
    if (collector.isFull) return collector;
    if (bucketOf(storageKey) >= bucket) collector.offer(storageKey);
  }
  collector.reach(END);
  return collector;
}

const limits = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  keyBytesMax: fc.constantFrom(1, 40, 10_000),
  bucketKeysMax: fc.integer({ min: 1, max: 8 }),
});

test("each key that stays is shown once, and none twice, whatever comes and goes between answers", () => {
  const changes = fc.array(fc.tuple(fc.nat(KEYS.length - 1), fc.boolean()), { maxLength: 6 });
  fc.assert(
    fc.property(limits, fc.subarray(KEYS), fc.array(changes, { maxLength: 8 }), (bounds, first, between) => {
      let there = new Set<Bytes>(first);
      const always = new Set(first);
      const seen: string[] = [];
      let cursor = 0;
      for (let calls = 0; cursor <= SCAN_CURSOR_MAX; calls++) {
        const found = answer([...there].toSorted(compareBytes), cursor, bounds);
        expect(found.isCrowded).toBe(false);
        expect(found.cursor).toBeGreaterThan(cursor);
        cursor = found.cursor;
        seen.push(...found.keys.map(hex));
        there = new Set(there);
        for (const [index, isAdded] of between[calls] ?? []) {
          const key = KEYS[index];
          if (key === undefined) continue;
          if (isAdded) there.add(key);
          else {
            there.delete(key);
            always.delete(key);
          }
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      const owed = [...always].map((storageKey) => hex(keyOfRecordKey(storageKey)));
      expect(owed.filter((key) => !seen.includes(key))).toEqual([]);
    }),
  );
});

test("an answer holds at most one bucket more than was asked for, and a bucket at most its limit", () => {
  fc.assert(
    fc.property(limits, fc.subarray(KEYS), (bounds, there) => {
      const { keys } = answer(there, 0, bounds);
      expect(keys.length).toBeLessThan(bounds.count + Math.min(6, bounds.bucketKeysMax));
    }),
  );
});

test("a bucket that is not known to its end is left for the next answer", () => {
  const [first, second] = [crowdedKeys(1, 2)[0], crowdedKeys(1, 2)[1]];
  if (first === undefined || second === undefined) throw new Error("there are two keys");
  const collector = new ScanCollector(0, 10, 1_000, 10);
  collector.offer(first);
  expect(collector.keys).toEqual([]);
  collector.reach(bucketOf(first));
  expect(collector.keys).toEqual([]);
  expect(placeOfCursor(collector.cursor)).toEqual({ bucket: bucketOf(first), sub: 0 });
  collector.offer(second);
  collector.reach(bucketOf(first) + 1);
  expect(collector.keys).toEqual([first, second].map(keyOfRecordKey));
});

test("keys that no cursor can tell apart are refused in more than what can be kept in hand", () => {
  const [storageKey] = crowdedKeys(1, 1);
  if (storageKey === undefined) throw new Error("there is a key");
  const collector = new ScanCollector(0, 1, 1_000, 3);
  for (let i = 0; i < 3; i++) collector.offer(storageKey);
  expect(collector.isCrowded).toBe(false);
  collector.offer(storageKey);
  expect(collector).toMatchObject({ isCrowded: true, isFull: true });
});
