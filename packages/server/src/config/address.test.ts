import { describe, expect, test } from "vitest";
import { addressText, parseAddress } from "./address.ts";

describe("parseAddress", () => {
  test.each([
    ["127.0.0.1:7401", { host: "127.0.0.1", port: 7401 }],
    ["[::1]:1", { host: "::1", port: 1 }],
    ["db-3.example.org:65535", { host: "db-3.example.org", port: 65_535 }],
    ["localhost:7401", { host: "127.0.0.1", port: 7401 }],
  ])("reads %s", (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  test.each([
    "127.0.0.1",
    "127.0.0.1:",
    ":7401",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:7e3",
    "127.0.0.1: 7401",
    "::1:7401",
    "[127.0.0.1]:7401",
    "[::1]7401",
    "[::1",
    "a b:7401",
    "http://127.0.0.1:7401",
    "127.0.0.1:123456",
    "-x:7401",
    "",
  ])("refuses %j", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test("what it reads can be written again", () => {
    for (const text of ["127.0.0.1:7401", "[::1]:7401", "[fe80::1]:80"]) {
      const address = parseAddress(text);
      expect(address && addressText(address)).toBe(text);
    }
  });
});
