import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost", "LocalHost"])("%s is", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "128.0.0.1",
  "localhost.example.com",
  "example.com",
  "",
  "127.0.0.1.evil",
])("%j is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
