import { expect, test } from "vitest";
import type { EventFields, EventLevel } from "../ports/events.ts";
import { Notices } from "./notices.ts";

function make(): { told: string[]; note: (nowMs: number, about: number, text: string) => void } {
  const told: string[] = [];
  const notices = new Notices({
    event: (_level: EventLevel, _name: string, text: string, fields: EventFields) =>
      void told.push(`${text} ${JSON.stringify(fields)}`),
    fatal: () => undefined,
  });
  return { told, note: (nowMs, about, text) => notices.note(nowMs, "warn", "matter", about, text, {}) };
}

test("a matter is told once, and now and then while it lasts, with how often it was not", () => {
  const { told, note } = make();
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) note(nowMs, 1, "x");
  expect(told).toEqual(["x {}", 'x {"untold":599}']);
});

test("a change is told, once a second at most", () => {
  const { told, note } = make();
  for (let nowMs = 0; nowMs <= 2000; nowMs += 10) note(nowMs, 0, `${nowMs}`);
  expect(told).toEqual(["0 {}", '1000 {"untold":99}', '2000 {"untold":99}']);
});

test("matters of different peers are different", () => {
  const { told, note } = make();
  note(0, 1, "x");
  note(0, 2, "x");
  expect(told).toHaveLength(2);
});
