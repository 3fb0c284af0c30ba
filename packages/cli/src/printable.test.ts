import { expect, test } from "vitest";
import { expiryText, jsonValue, shownBytes } from "./printable.ts";

test("text is shown on one line, without what a terminal would obey, and cut where it gets long", () => {
  expect(shownBytes(Buffer.from("värde 🍏"), 60)).toBe("värde 🍏");
  const hostile = "a\nb\u001b[31m\u009b2J\u202e\u{e0001}";
  expect(shownBytes(Buffer.from(hostile), 60)).toBe(String.raw`a\nb\u001b[31m\u{9b}2J\u{202e}\u{e0001}`);
  expect(shownBytes(Buffer.from("x".repeat(60)), 60)).toBe("x".repeat(60));
  expect(shownBytes(Buffer.from("x".repeat(61)), 60)).toBe(`${"x".repeat(60)}... (61 bytes)`);
  expect(shownBytes(Buffer.of(0xff, 0x00), 60)).toBe("(2 bytes that are no text)");
});

test("in JSON bytes are text where they can be, so that both come back as they were", () => {
  expect(jsonValue(Buffer.from("a\u0000b\uFEFF"))).toEqual({ value: "a\u0000b\uFEFF" });
  expect(jsonValue(Buffer.of(0xc3, 0x28))).toEqual({ valueBase64: "wyg=" });
  expect(jsonValue(Buffer.from("\uFEFFbom"))).toEqual({ value: "\uFEFFbom" });
});

test("an expiry is an instant, or never", () => {
  expect(expiryText(0)).toBe("never");
  expect(expiryText(1_700_000_000_123)).toBe("2023-11-14T22:13:20.123Z");
});
