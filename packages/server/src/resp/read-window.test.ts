import { expect, test } from "vitest";
import { LIST, ReadWindow } from "./read-window.ts";

const MIB = 1 << 20;

function admitted(window: ReadWindow, most: number): number {
  let count = 0;
  while (count < most && window.admits(1, 0)) {
    window.began(1);
    count++;
  }
  return count;
}

test("before anything is known the largest values are expected", () => {
  expect(admitted(new ReadWindow(16 * MIB, MIB), 1000)).toBe(16);
});

test("one read may always begin, however large or late", () => {
  const window = new ReadWindow(MIB, 8 * MIB);
  expect(window.admits(500, 100 * MIB)).toBe(true);
  window.began(500);
  expect(window.admits(1, 0)).toBe(false);
});

test("small replies open the window, one large reply closes it", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  for (let i = 0; i < 100; i++) {
    window.began(1);
    window.ended(1, 300);
  }
  expect(admitted(window, 2000)).toBe(2000);
  window.ended(1, MIB);
  expect(window.admits(1, 0)).toBe(false);
});

test("what waits to be sent counts", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  window.began(1);
  expect(window.admits(1, 14 * MIB)).toBe(true);
  expect(window.admits(1, 15 * MIB)).toBe(false);
});

test("a reply with several values says how large each is", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  for (let i = 0; i < 50; i++) {
    window.began(100);
    window.ended(100, 100 * 1024);
  }
  expect(admitted(window, 1_000_000)).toBeGreaterThan(5_000);
});

test("one value alone is charged as what others read, then as what this connection reads; several as the largest", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  expect([window.charge(0, 100), window.charge(LIST, 100), window.charge(1, 100)]).toEqual([0, 0, 100]);
  expect([window.charge(2, 100), window.charge(100, 100)]).toEqual([2 * MIB, 16 * MIB]);
  window.began(1);
  window.ended(1, 500_000);
  expect(window.charge(1, 100)).toBe(500_000);
  for (let i = 0; i < 100; i++) window.ended(1, 10);
  expect(window.charge(1, 100)).toBeLessThan(20);
});

test("commands without values are not counted", () => {
  const window = new ReadWindow(MIB, MIB);
  window.began(1);
  expect(window.admits(0, 100 * MIB)).toBe(true);
});

test("lists come one at a time, however small the last ones were", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  for (let i = 0; i < 100; i++) {
    window.began(LIST);
    window.ended(LIST, 50);
  }
  expect(window.admits(LIST, 0)).toBe(true);
  window.began(LIST);
  expect(window.admits(LIST, 0)).toBe(false);
  window.ended(LIST, 50);
  expect(window.admits(LIST, 0)).toBe(true);
});

test("a list takes half of what there is, whatever begins first", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  window.began(LIST);
  expect(admitted(window, 1000)).toBe(8);
  window.ended(LIST, 6 * MIB);
  expect(window.admits(LIST, 0)).toBe(true);
  expect(window.admits(LIST, 1)).toBe(false);
  window.began(1);
  expect(window.admits(LIST, 0)).toBe(false);
});

test("the size of a list is not taken for that of a value", () => {
  const window = new ReadWindow(16 * MIB, MIB);
  window.began(LIST);
  window.ended(LIST, 6 * MIB);
  expect(admitted(window, 1000)).toBe(16);
});
