import { expect, test } from "vitest";
import type { Reply } from "./connection.ts";
import { ReplyMap } from "./reply-map.ts";

const text = (value: string): Buffer => Buffer.from(value);
const reply: Reply = [
  text("count"),
  3,
  text("name"),
  text("värde"),
  text("none"),
  null,
  text("ids"),
  [1, 2],
  text("zones"),
  [text("a"), text("b")],
  text("inner"),
  [text("deep"), 7],
  text("list"),
  [
    [text("x"), 1],
    [text("x"), 2],
  ],
];

test("values are found by name", () => {
  const map = new ReplyMap(reply, "it");
  expect(map.number("count")).toBe(3);
  expect(map.optionalNumber("absent")).toBe(0);
  expect(map.text("name")).toBe("värde");
  expect(map.bytes("name")).toEqual(text("värde"));
  expect([map.isNull("none"), map.isNull("absent"), map.isNull("count")]).toEqual([true, true, false]);
  expect(map.numbers("ids")).toEqual([1, 2]);
  expect(map.texts("zones")).toEqual(["a", "b"]);
  expect(map.map("inner").number("deep")).toBe(7);
  expect(map.maps("list").map((each) => each.number("x"))).toEqual([1, 2]);
});

test("what is not as expected is named, never taken for something else", () => {
  const map = new ReplyMap(reply, "it");
  expect(() => map.number("name")).toThrow("it.name is not a number");
  expect(() => map.optionalNumber("name")).toThrow("it.name is not a number");
  expect(() => map.text("count")).toThrow("it.count is not a text");
  expect(() => map.bytes("absent")).toThrow("it.absent is not a text");
  expect(() => map.numbers("zones")).toThrow("it.zones is not a list of numbers");
  expect(() => map.texts("ids")).toThrow("it.ids is not a text");
  expect(() => map.map("none")).toThrow("it.none is not a list");
  expect(() => new ReplyMap(text("OK"), "it")).toThrow("it is not a list");
  expect(() => new ReplyMap([1, 2], "it")).toThrow("a name in it is not a text");
});
