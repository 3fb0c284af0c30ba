import { expect, it } from "vitest";
import { withTable } from "./readme.ts";

const page = "before\n\n<!-- bench:comparison -->\n\nold\n\n<!-- /bench:comparison -->\n\nafter\n";

it("replaces what stands between the markers, and nothing else", () => {
  const written = withTable(page, "comparison", "new\n");
  expect(written).toBe(page.replace("old", "new"));
  expect(withTable(written, "comparison", "old")).toBe(page);
});

it("refuses a page without the markers, or with them the wrong way round", () => {
  expect(() => withTable(page, "faults", "new")).toThrow(/bench:faults/);
  expect(() => withTable("<!-- /bench:micro --> <!-- bench:micro -->", "micro", "new")).toThrow(/missing/);
});
