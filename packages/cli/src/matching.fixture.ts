/** Matchers to stand inside an expected object; vitest types its own as `any`. */
import { expect } from "vitest";

export function textLike(pattern: RegExp | string): unknown {
  return typeof pattern === "string" ? expect.stringContaining(pattern) : expect.stringMatching(pattern);
}

export function some(kind: typeof Number | typeof String | typeof Array): unknown {
  return expect.any(kind);
}
