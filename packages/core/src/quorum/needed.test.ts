import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { ALL, homesNeeded, QUORUM } from "./needed.ts";

const HOMES = [1, 2, 3, 4, 5, 6, 7, 31];

describe("how many homes are asked for", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
    [31, 16],
  ])("a quorum of %i homes is %i", (homes, needed) => {
    expect(homesNeeded(QUORUM, homes)).toBe(needed);
  });

  it("two quorums of the same homes always share one", () => {
    for (const homes of HOMES) expect(2 * homesNeeded(QUORUM, homes)).toBeGreaterThan(homes);
  });

  it("all are all", () => {
    for (const homes of HOMES) expect(homesNeeded(ALL, homes)).toBe(homes);
  });

  it("a number is itself up to the number of homes, and means all of them beyond", () => {
    for (const homes of HOMES) {
      for (let asked = 1; asked <= homes + 2; asked++) {
        expect(homesNeeded(asked, homes)).toBe(Math.min(asked, homes));
      }
    }
  });

  it.each([-2, 0.5, 1.5, NaN, -Infinity])("%d is nothing to ask for", (asked) => {
    expect(() => homesNeeded(asked, 3)).toThrow(AssertionError);
  });

  it("a key without homes cannot be", () => {
    for (const asked of [QUORUM, ALL, 1]) expect(() => homesNeeded(asked, 0)).toThrow(AssertionError);
  });
});
