import fc from "fast-check";
import { expect, test } from "vitest";
import { PATTERN_CHARS_MAX, globMatches, globMatchesKey } from "./glob.ts";

test.each([
  ["*", "", true],
  ["*", "anything", true],
  ["max*", "maxmemory", true],
  ["max*", "minmemory", false],
  ["*memory*", "maxmemory-policy", true],
  ["s?ve", "save", true],
  ["s?ve", "sve", false],
  ["[ms]ave", "save", true],
  ["[^ms]ave", "save", false],
  ["[^ms]ave", "rave", true],
  ["[a-m]b", "kb", true],
  ["[m-a]b", "kb", true],
  ["[a-m]b", "zb", false],
  [String.raw`a\*b`, "a*b", true],
  [String.raw`a\*b`, "axb", false],
  ["SAVE", "save", true],
  ["", "", true],
  ["", "x", false],
  ["[", "x", false],
  ["[abc", "a", true],
  ["a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false],
])("%j against %j: %j", (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test("keys are matched as they are written", () => {
  expect(globMatchesKey("User:*", "User:1")).toBe(true);
  expect(globMatchesKey("User:*", "user:1")).toBe(false);
  expect(globMatchesKey("[a-z]", "Q")).toBe(false);
  expect(globMatchesKey("\u00c4?", "\u00c4\u00e4")).toBe(true);
  expect(globMatchesKey("\u00c4", "\u00e4")).toBe(false);
});

test("a pattern of the largest length matches, a longer one never", () => {
  expect(globMatches("*".repeat(PATTERN_CHARS_MAX - 1), "x")).toBe(true);
  expect(globMatches("*".repeat(PATTERN_CHARS_MAX), "x")).toBe(true);
  expect(globMatches("*".repeat(PATTERN_CHARS_MAX + 1), "x")).toBe(false);
});

test("stars, question marks and letters mean what they mean as a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (glob, subject) => {
      const same = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      expect(globMatches(glob, subject)).toBe(same.test(subject));
    }),
  );
});
