import { expect, test } from "vitest";
import { splitInline } from "./inline.ts";

function split(line: string, wordsMax = 100): string[] | string {
  const words: Uint8Array[] = [];
  const result = splitInline(Buffer.from(line, "latin1"), words, wordsMax);
  return result === "words" ? words.map((word) => Buffer.from(word).toString("latin1")) : result;
}

test.each([
  ["", []],
  ["  \t\v ", []],
  ["PING", ["PING"]],
  ["  SET  a   b ", ["SET", "a", "b"]],
  ["SET \"a b\" 'c d'", ["SET", "a b", "c d"]],
  ["SET \"\" ''", ["SET", "", ""]],
  ['SET k"quoted part"', ["SET", "kquoted part"]],
  [String.raw`ECHO "\n\r\t\b\a\q\"\\"`, ["ECHO", '\n\r\t\b\x07q"\\']],
  [String.raw`ECHO "\x00\xfF\x4a"`, ["ECHO", "\0\xffJ"]],
  [String.raw`ECHO "\xzz\x1"`, ["ECHO", "xzzx1"]],
  [String.raw`ECHO 'it\'s' '\n'`, ["ECHO", "it's", String.raw`\n`]],
  [String.raw`ECHO \n`, ["ECHO", String.raw`\n`]],
  ["ECHO a\0b", ["ECHO", "a\0b"]],
])("%j has the words %j", (line, words) => {
  expect(split(line)).toEqual(words);
});

test.each(['"', "'", '"a', "'a", '"a"b', "'a'b", '"a\\"', "'a\\'", 'x "y', '"a""b"'])(
  "%j is unbalanced",
  (line) => {
    expect(split(line)).toBe("unbalanced quotes");
  },
);

test.each([
  ["a b", ["a", "b"]],
  ["a b c", ["a", "b", "c"]],
  [" a b c ", ["a", "b", "c"]],
  ["a b c d", "too many words"],
])("%j where there may be three words", (line, result) => {
  expect(split(line, 3)).toEqual(result);
});
