import { format } from "prettier";
import { expect, it } from "vitest";
import { grouped, markdownTable, percent } from "./markdown.ts";

it("tables are as the formatter of the repository makes them", async () => {
  const text = markdownTable(
    ["row", "CPU µs", "n"],
    ["left", "right", "right"],
    [
      ["a ÷ b", "12.5", "1"],
      ["a much longer name", "7", "1,000,000"],
    ],
  );
  expect(`${text}\n`).toBe(await format(text, { parser: "markdown" }));
});

it("numbers are grouped, parts are in percent", () => {
  expect(grouped(1_234_567.4)).toBe("1,234,567");
  expect(percent(0.126)).toBe("13 %");
});
