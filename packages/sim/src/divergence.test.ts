import { expect, test } from "vitest";
import { firstDivergence } from "./divergence.ts";

test("the first checkpoint that differs is named, with both hashes", () => {
  const run = { checkpoints: ["a1", "a2", "a3"], digest: "a4" };
  expect(firstDivergence(run, { ...run })).toBeNull();
  expect(firstDivergence(run, { ...run, checkpoints: ["a1", "b2", "b3"] })).toBe(
    "they part in entries 1001 to 2000 of the event log: at checkpoint 2 one has a2, the other b2",
  );
  expect(firstDivergence(run, { ...run, digest: "b4" })).toMatch(/3001 to 4000 .* at the end .* a4, .* b4$/);
  expect(firstDivergence({ ...run, checkpoints: ["a1"] }, run)).toMatch(
    /checkpoint 2 one has none, for it had ended, the other a2$/,
  );
});
