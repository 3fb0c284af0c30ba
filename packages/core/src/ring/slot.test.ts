import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Encode } from "../base/utf8.ts";
import { slotOf } from "./slot.ts";

function slot(text: string): number {
  return slotOf(utf8Encode(text));
}

describe("as the Redis Cluster specification has it", () => {
  test("the reference sum is 0x31C3", () => {
    expect(slot("123456789")).toBe(0x31c3);
  });

  /** What `CLUSTER KEYSLOT` of a Redis server answers. */
  test.each([
    ["", 0],
    ["foo", 12_182],
    ["bar", 5061],
    ["hello", 866],
    ["somekey", 11_058],
    ["a", 15_495],
    ["b", 3300],
  ])("%j is in slot %d", (key, expected) => {
    expect(slot(key)).toBe(expected);
  });

  test.each([
    ["{user1000}.following", "user1000"],
    ["{user1000}.followers", "user1000"],
    ["foo{hash_tag}", "hash_tag"],
    ["bar{hash_tag}", "hash_tag"],
    ["foo{{bar}}zap", "{bar"],
    ["foo{bar}{zap}", "bar"],
    ["}foo{bar}", "bar"],
    ["foo}{bar}", "bar"],
  ])("%j is where %j is", (key, tag) => {
    expect(slot(key)).toBe(plain(tag));
  });

  test.each(["foo{}{bar}", "foo{bar", "foo}bar{", "{}", "{", "}", "{}user"])("%j has no tag", (key) => {
    expect(slot(key)).toBe(plain(key));
  });
});

/** The sum of the whole text, bit by bit. */
function plain(text: string): number {
  let crc = 0;
  for (const byte of utf8Encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % 16_384;
}

test("any bytes have a slot, and a tag decides alone", () => {
  const tag = fc.uint8Array({ minLength: 1, maxLength: 10 }).filter((bytes) => !bytes.includes(0x7d));
  const before = fc.uint8Array({ maxLength: 10 }).filter((bytes) => !bytes.includes(0x7b));
  fc.assert(
    fc.property(before, tag, fc.uint8Array({ maxLength: 10 }), (head, inner, rest) => {
      const key = new Uint8Array([...head, 0x7b, ...inner, 0x7d, ...rest]);
      expect(slotOf(key)).toBe(slotOf(new Uint8Array([0x7b, ...inner, 0x7d])));
      expect(slotOf(key)).toBeLessThan(16_384);
    }),
  );
});
