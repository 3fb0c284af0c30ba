import { expect, test } from "vitest";
import { splitInline } from "./inline.ts";

function split(line: string): string[] | null {
  const words: Uint8Array[] = [];
  const balanced = splitInline(Buffer.from(line, "latin1"), words);
  return balanced ? words.map((word) => Buffer.from(word).toString("latin1")) : null;
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
    expect(split(line)).toBeNull();
  },
);
