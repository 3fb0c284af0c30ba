import { expect, test } from "vitest";
import { isOwnHost } from "./host-check.ts";

test.each([
  "127.0.0.1",
  "127.0.0.1:7501",
  "[::1]:7501",
  "[::1]",
  "localhost:7501",
  "LOCALHOST",
  "10.0.0.7:80",
  "Apple:1",
])("%s is ours", (host) => expect(isOwnHost(host, new Set(["apple"]))).toBe(true));

test.each([
  undefined,
  "",
  ":7501",
  "evil.example",
  "evil.example:7501",
  "127.0.0.1.evil.example",
  "[::1",
  "[evil]",
  "::1",
  "a b",
])("%s is not", (host) => expect(isOwnHost(host, new Set(["apple"]))).toBe(false));
