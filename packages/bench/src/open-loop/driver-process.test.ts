import { expect, it } from "vitest";
import { readSlots } from "./driver-process.ts";

it("reads who is the master of which slots", () => {
  const reply = [
    [0, 5460, ["127.0.0.1", 7001, "id", []], ["127.0.0.1", 7004, "id", []]],
    [5461, 16_383, ["127.0.0.1", 7002, "id", []]],
  ];
  expect(readSlots(reply)).toEqual([
    { from: 0, to: 5460, port: 7001 },
    { from: 5461, to: 16_383, port: 7002 },
  ]);
  expect(() => readSlots(null)).toThrow(/not answered/);
  expect(() => readSlots([[0, 1]])).toThrow(/CLUSTER SLOTS answered/);
});
