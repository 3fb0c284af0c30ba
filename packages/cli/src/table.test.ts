import { expect, test } from "vitest";
import { indent, table } from "./table.ts";

test("columns line up, numbers to the right, nothing after the last", () => {
  expect(
    table(
      ["member", "homes", "zone"],
      [
        ["member-1", "8", "a"],
        ["m", "1024", "zone-b"],
      ],
    ),
  ).toBe(["member    homes  zone", "member-1      8  a", "m          1024  zone-b", ""].join("\n"));
});

test("without rows there is the head; short rows leave cells empty", () => {
  expect(table(["a", "b"], [])).toBe("a  b\n");
  expect(table(["a", "b"], [["x"]])).toBe("a  b\nx\n");
});

test("indent leaves empty lines empty", () => {
  expect(indent("a\n\nb\n")).toBe("  a\n\n  b\n");
});
