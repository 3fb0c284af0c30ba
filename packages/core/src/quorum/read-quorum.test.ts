import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { ReadQuorum } from "./read-quorum.ts";

describe("a read quorum", () => {
  it("is reached with the last answer needed", () => {
    const quorum = new ReadQuorum(3, 2);
    quorum.addAnswer(1);
    expect(quorum.state).toBe("pending");
    quorum.addAnswer(0);
    expect([quorum.state, quorum.answered]).toEqual(["reached", [1, 0]]);
  });

  it("counts a home once, however often it is asked", () => {
    const quorum = new ReadQuorum(3, 2);
    quorum.addAnswer(1);
    quorum.addAnswer(1);
    expect([quorum.state, quorum.answered]).toEqual(["pending", [1]]);
  });

  it("takes back the answer of a home that then cannot give the values behind it", () => {
    const quorum = new ReadQuorum(3, 2);
    quorum.addAnswer(0);
    quorum.addAnswer(2);
    expect(quorum.state).toBe("reached");
    quorum.addFailure(0);
    expect([quorum.state, quorum.answered]).toEqual(["pending", [2]]);
    expect([quorum.hasAnswered(0), quorum.hasFailed(0)]).toEqual([false, true]);
    quorum.addFailure(1);
    expect(quorum.state).toBe("impossible");
    quorum.addAnswer(1);
    expect([quorum.state, quorum.answered]).toEqual(["reached", [2, 1]]);
    expect([quorum.hasAnswered(1), quorum.hasFailed(1)]).toEqual([true, false]);
  });

  it.each([
    [3, 0],
    [3, 4],
    [32, 1],
    [0, 0],
  ])("of %i homes cannot need %i", (homes, needed) => {
    expect(() => new ReadQuorum(homes, needed)).toThrow(AssertionError);
  });

  it("holds 31 homes, and hears of no other", () => {
    const quorum = new ReadQuorum(31, 31);
    for (let home = 0; home < 31; home++) quorum.addFailure(home);
    expect(quorum.state).toBe("impossible");
    for (let home = 0; home < 31; home++) quorum.addAnswer(home);
    expect(quorum.state).toBe("reached");
    for (const home of [-1, 31]) {
      expect(() => quorum.addAnswer(home)).toThrow(AssertionError);
      expect(() => quorum.addFailure(home)).toThrow(AssertionError);
      expect(() => quorum.hasAnswered(home)).toThrow(AssertionError);
    }
  });
});
