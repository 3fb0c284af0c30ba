import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { progressOf } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

function terminal(progress: Terminal["progress"]): Terminal {
  return { out: () => {}, err: () => {}, progress, env: {} };
}

test("a bar shows how much of the whole is done, and is gone at the end", () => {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
  });
  const bar = progressOf(terminal(stream), 200);
  bar.show(50, "7 keys");
  bar.end();
  const drawn = String(stream.read());
  expect(drawn).toMatch(/░+/);
  expect(drawn).toContain("25 %, 7 keys");
});

test("where nobody looks nothing is drawn", () => {
  const bar = progressOf(terminal(null), 1);
  expect(() => {
    bar.show(1, "all");
    bar.end();
  }).not.toThrow();
});
