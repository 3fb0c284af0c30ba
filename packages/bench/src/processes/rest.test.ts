import { expect, it } from "vitest";
import { untilAtRest } from "./rest.ts";

it("waits while servers are busy, and no longer", async () => {
  const uses = [0, 1_000_000, 2_000_000, 2_000_000, 2_000_000];
  let looks = 0;
  await untilAtRest(() => uses[looks++] ?? 0, { lookMs: 1 });
  expect(looks).toBe(4);
});

it("does not wait for ever", async () => {
  let used = 0;
  await untilAtRest(() => (used += 1_000_000), { lookMs: 1, mostMs: 20 });
  expect(used).toBeGreaterThan(1_000_000);
});
