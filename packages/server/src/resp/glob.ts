/**
 * Redis's glob patterns (`stringmatchlen`): `*`, `?`, `[a-z]`, `[^a]`, `\` before a literal.
 * One level of going back is enough for a star, so a hostile pattern costs at most pattern x text steps.
 */

/** Longer patterns match nothing. */
export const PATTERN_CHARS_MAX = 1024;

/** For names of our own: case does not matter. */
export function globMatches(pattern: string, text: string): boolean {
  return globMatchesKey(pattern.toLowerCase(), text.toLowerCase());
}

/** For keys, as latin1 text: case matters. */
export function globMatchesKey(pattern: string, text: string): boolean {
  if (pattern.length > PATTERN_CHARS_MAX) return false;
  let at = 0;
  let place = 0;
  let starAt = -1;
  let starIn = 0;
  while (place < text.length) {
    const next = at < pattern.length && pattern[at] !== "*" ? matchOne(pattern, at, text[place] ?? "") : -1;
    if (pattern[at] === "*") {
      starAt = at++;
      starIn = place;
    } else if (next >= 0) {
      at = next;
      place++;
    } else if (starAt >= 0) {
      at = starAt + 1;
      place = ++starIn;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at >= pattern.length;
}

/** Where the pattern goes on after matching one character at `at`, or -1. */
function matchOne(pattern: string, at: number, character: string): number {
  const first = pattern[at];
  if (first === "?") return at + 1;
  if (first === "[") return matchClass(pattern, at + 1, character);
  if (first === "\\" && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : -1;
  return first === character ? at + 1 : -1;
}

function matchClass(pattern: string, from: number, character: string): number {
  const negated = pattern[from] === "^";
  let at = negated ? from + 1 : from;
  let matched = false;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\" && at + 1 < pattern.length) {
      at++;
      matched ||= pattern[at] === character;
    } else if (pattern[at + 1] === "-" && at + 2 < pattern.length) {
      const [first = "", , last = ""] = pattern.slice(at, at + 3);
      const inOrder = first <= last;
      matched ||= character >= (inOrder ? first : last) && character <= (inOrder ? last : first);
      at += 2;
    } else {
      matched ||= pattern[at] === character;
    }
    at++;
  }
  return matched === negated ? -1 : at + 1;
}
