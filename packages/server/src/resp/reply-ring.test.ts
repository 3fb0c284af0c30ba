import { describe, expect, test } from "vitest";
import type { Effect } from "./command.ts";
import { ReplyRing } from "./reply-ring.ts";
import { ReplySlot } from "./reply-slot.ts";

function slotFor(effect: Effect, key: string | null, slow = false): ReplySlot {
  const slot = new ReplySlot();
  slot.effect = effect;
  slot.key = key === null ? null : Buffer.from(key);
  slot.slow = slow;
  return slot;
}

function ringWith(...slots: ReplySlot[]): ReplyRing {
  const ring = new ReplyRing();
  for (const slot of slots) ring.push(slot);
  return ring;
}

describe("which command must wait", () => {
  const rows: readonly (readonly [
    under: Effect,
    slowUnder: boolean,
    next: Effect,
    slowNext: boolean,
    waits: boolean,
  ])[] = [
    ["read", false, "read", false, false],
    ["read", false, "write", false, true],
    ["write", false, "read", false, true],
    ["write", false, "write", false, false],
    ["write", true, "write", false, true],
    ["write", false, "write", true, true],
    ["write", true, "write", true, true],
    ["none", false, "write", true, false],
    ["write", true, "none", false, false],
  ];

  test.each(rows)(
    "%s (slow %j) under way, then %s (slow %j): waits %j",
    (under, slowUnder, next, slowNext, waits) => {
      const ring = ringWith(slotFor(under, "k", slowUnder));
      expect(ring.mustWait(next, Buffer.from("k"), slowNext)).toBe(waits);
      expect(ring.mustWait(next, Buffer.from("l"), slowNext)).toBe(false);
      expect(ring.mustWait(next, Buffer.from("kk"), slowNext)).toBe(false);
      // Several keys: any may be the same.
      expect(ring.mustWait(next, null, slowNext)).toBe(waits);
    },
  );

  test("a command on several keys matters to each", () => {
    const ring = ringWith(slotFor("write", null));
    expect(ring.mustWait("read", Buffer.from("any"), false)).toBe(true);
  });

  test("what has ended matters no more, even while its reply waits", () => {
    const write = slotFor("write", "k");
    const ring = ringWith(slotFor("none", null), write);
    expect(ring.mustWait("read", Buffer.from("k"), false)).toBe(true);
    ring.ended(write);
    expect(ring.mustWait("read", Buffer.from("k"), false)).toBe(false);
    expect(ring.length).toBe(2);
  });
});

test("replies leave in order, however many there are and wherever the ring stands", () => {
  const ring = new ReplyRing();
  const waiting: ReplySlot[] = [];
  let turns = 0;
  for (const [pushed, shifted] of [
    [10, 7],
    [30, 5],
    [100, 120],
    [2000, 2000],
  ] as const) {
    for (let i = 0; i < pushed; i++) {
      const slot = slotFor("none", null);
      ring.push(slot);
      waiting.push(slot);
    }
    for (let i = 0; i < shifted; i++) {
      expect(ring.first()).toBe(waiting.shift());
      ring.shift();
      turns++;
    }
  }
  expect(turns).toBe(2132);
  expect(ring.length).toBe(waiting.length);
});
