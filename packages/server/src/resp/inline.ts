/**
 * Inline commands: a line of words, for people with a terminal. The quoting rules are Redis's (`sdssplitargs`):
 * words in double quotes know `\n \r \t \b \a \xHH`, words in single quotes only `\'`, and a closing quote must be
 * followed by a space or the end of the line.
 */
import type { Bytes } from "@kvorum/core";

const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;

export type InlineResult = "words" | "unbalanced quotes" | "too many words";

/** Appends the words of a line to `into`, which must be empty, but no more than `wordsMax`. */
export function splitInline(line: Bytes, into: Bytes[], wordsMax: number): InlineResult {
  // All words lie in one buffer, one after the other: a line of 32,000 words allocates one, not 32,000.
  const words = new Uint8Array(line.length);
  let end = 0;
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at] ?? 0)) at++;
    if (at === line.length) return "words";
    if (into.length === wordsMax) return "too many words";
    const start = end;
    let quote = 0;
    for (;;) {
      if (at === line.length) {
        if (quote !== 0) return "unbalanced quotes";
        break;
      }
      const byte = line[at] ?? 0;
      if (quote === 0) {
        if (isSpace(byte)) break;
        at++;
        if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte;
        else words[end++] = byte;
      } else if (byte === quote) {
        at++;
        if (at < line.length && !isSpace(line[at] ?? 0)) return "unbalanced quotes";
        break;
      } else if (byte === BACKSLASH && escapeLength(line, at, quote) > 0) {
        words[end++] = unescaped(line, at, quote);
        at += escapeLength(line, at, quote);
      } else {
        words[end++] = byte;
        at++;
      }
    }
    into.push(words.subarray(start, end));
  }
}

/** How many bytes an escape at `at` takes; 0 when the backslash stands for itself. */
function escapeLength(line: Bytes, at: number, quote: number): number {
  if (at + 1 >= line.length) return 0;
  if (quote === SINGLE_QUOTE) return line[at + 1] === SINGLE_QUOTE ? 2 : 0;
  return line[at + 1] === 0x78 && hexOf(line[at + 2]) >= 0 && hexOf(line[at + 3]) >= 0 ? 4 : 2;
}

function unescaped(line: Bytes, at: number, quote: number): number {
  if (escapeLength(line, at, quote) === 4) return hexOf(line[at + 2]) * 16 + hexOf(line[at + 3]);
  const byte = line[at + 1] ?? 0;
  if (quote === SINGLE_QUOTE) return byte;
  switch (byte) {
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    case 0x62:
      return 0x08;
    case 0x61:
      return 0x07;
    default:
      return byte;
  }
}

/** As C's `isspace`. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function hexOf(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}
