import { describe, expect, it } from "vitest";
import { readdress } from "./readdress.ts";

describe("a hint for a member", () => {
  it("stays with it as long as it is a home", () => {
    expect(readdress(1, [1, 2, 3], [3, 1, 4])).toEqual([1]);
  });

  it("row 17: goes to whoever has taken its place", () => {
    expect(readdress(1, [1, 2, 3], [4, 2, 3])).toEqual([4]);
    expect(readdress(3, [1, 2, 3], [4, 2, 5])).toEqual([5]);
  });

  it("goes to all homes when nobody can tell who has", () => {
    expect(readdress(1, [1, 2, 3], [2, 3])).toEqual([2, 3]);
    expect(readdress(9, [1, 2, 3], [4, 2, 3])).toEqual([4, 2, 3]);
    expect(readdress(1, [], [2, 3, 4])).toEqual([2, 3, 4]);
  });
});
