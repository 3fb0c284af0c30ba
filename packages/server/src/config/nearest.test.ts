import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["member", ["members", "cluster"], "members"],
  ["Cluster", ["members", "cluster"], "cluster"],
  ["valueByteMax", ["valueBytesMax", "valueCacheBytesMax"], "valueBytesMax"],
  ["peeroverides", ["peerOverrides", "peers"], "peerOverrides"],
  ["zebra", ["members", "cluster"], null],
  ["x", [], null],
])("the word nearest to %s among %j is %s", (word, known, expected) => {
  expect(nearest(word, known)).toBe(expected);
});

test("of two equally near words the first is meant", () => {
  expect(nearest("resp2", ["resp1", "resp3"])).toBe("resp1");
});
