import { expect, test } from "vitest";
import { HeldUp } from "./held-up.ts";

test("a member is held up from before the fault until it is over", () => {
  let nowUs = 100;
  const heldUp = new HeldUp(() => nowUs);
  expect(heldUp.since(1, 0)).toBe(false);
  heldUp.begin(1);
  nowUs = 200;
  // Paused while it is dead: one thing, which ends when it is back.
  heldUp.begin(1);
  expect(heldUp.since(1, 200)).toBe(true);
  nowUs = 300;
  heldUp.end(1);
  heldUp.end(1);
  expect([heldUp.since(1, 50), heldUp.since(1, 300), heldUp.since(1, 301)]).toEqual([true, true, false]);
  expect(heldUp.since(2, 0)).toBe(false);
});
