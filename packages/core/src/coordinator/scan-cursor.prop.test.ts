import fc from "fast-check";
import { expect, test } from "vitest";
import { SLOTS } from "../ring/slot.ts";
import { recordKey } from "../storage/keyspace.ts";
import {
  SCAN_CURSOR_MAX,
  SUBS,
  bucketOf,
  cursorOf,
  hashOfBucket,
  placeOfCursor,
  slotBucket,
  slotCursor,
  slotOfBucket,
  subOf,
} from "./scan-cursor.ts";

const slots = fc.oneof(fc.nat(SLOTS - 1), fc.constantFrom(0, 1, SLOTS - 1));
const hashes = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0xffff));
const subs = fc.oneof(fc.nat(SUBS - 1), fc.constantFrom(0, SUBS - 1));
const places = fc.tuple(slots, hashes, subs);

test("a cursor gives back its place, is a safe integer in decimal, and rises as the place does", () => {
  fc.assert(
    fc.property(places, places, ([slot, hash, sub], [otherSlot, otherHash, otherSub]) => {
      const bucket = slotBucket(slot) + hash;
      const cursor = cursorOf({ bucket, sub });
      expect(placeOfCursor(cursor)).toEqual({ bucket, sub });
      expect([slotOfBucket(bucket), hashOfBucket(bucket)]).toEqual([slot, hash]);
      expect(cursor).toBeGreaterThanOrEqual(0);
      expect(cursor).toBeLessThanOrEqual(SCAN_CURSOR_MAX);
      expect(Number(String(cursor))).toBe(cursor);
      expect(String(cursor)).toMatch(/^\d{1,16}$/);
      const other = cursorOf({ bucket: slotBucket(otherSlot) + otherHash, sub: otherSub });
      const order = slot - otherSlot || hash - otherHash || sub - otherSub;
      expect(Math.sign(cursor - other)).toBe(Math.sign(order));
    }),
  );
});

test("cursors never leave what a double can count, and only the beginning is 0", () => {
  expect(SCAN_CURSOR_MAX).toBeLessThan(Number.MAX_SAFE_INTEGER);
  expect(cursorOf(placeOfCursor(SCAN_CURSOR_MAX))).toBe(SCAN_CURSOR_MAX);
  expect(slotCursor(0)).toBe(0);
  expect(slotCursor(1)).toBeGreaterThan(0);
  expect(slotCursor(SLOTS)).toBe(SCAN_CURSOR_MAX + 1);
});

test("a key's place is that of its storage key", () => {
  fc.assert(
    fc.property(slots, fc.uint8Array({ maxLength: 30 }), (slot, key) => {
      const bucket = bucketOf(recordKey(slot, 1, key));
      expect(slotOfBucket(bucket)).toBe(slot);
      expect(bucketOf(recordKey(slot, 65_535, key))).toBe(bucket);
      expect(subOf(key)).toBeLessThan(SUBS);
      expect(Number.isInteger(subOf(key))).toBe(true);
    }),
  );
});
