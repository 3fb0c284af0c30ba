import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { WriteQuorum } from "./write-quorum.ts";

describe("a write quorum", () => {
  it("is reached with the last acknowledgement needed, and stays so", () => {
    const quorum = new WriteQuorum(3, 2);
    expect(quorum.state).toBe("pending");
    quorum.addAck(2, true);
    expect(quorum.state).toBe("pending");
    quorum.addAck(0, false);
    expect(quorum.state).toBe("reached");
    quorum.addFailure(1);
    expect(quorum.state).toBe("reached");
    expect(quorum.acked).toEqual([2, 0]);
    expect(quorum.fsynced).toBe(1);
  });

  it("knows who has answered, one way or the other", () => {
    const quorum = new WriteQuorum(3, 2);
    quorum.addAck(2, true);
    quorum.addFailure(0);
    expect([0, 1, 2].map((home) => quorum.hasAnswered(home))).toEqual([true, false, true]);
  });

  it("is impossible with the first failure too many, and not before", () => {
    const quorum = new WriteQuorum(3, 2);
    quorum.addFailure(0);
    expect(quorum.state).toBe("pending");
    quorum.addFailure(2);
    expect(quorum.state).toBe("impossible");
    quorum.addAck(1, true);
    expect(quorum.state).toBe("impossible");
  });

  it("counts a home once, whatever it says next", () => {
    const quorum = new WriteQuorum(3, 2);
    expect(quorum.addAck(0, true)).toBe(true);
    expect(quorum.addAck(0, true)).toBe(false);
    expect(quorum.addFailure(0)).toBe(false);
    expect(quorum.addFailure(1)).toBe(true);
    expect(quorum.addFailure(1)).toBe(false);
    expect(quorum.addAck(1, true)).toBe(false);
    expect([quorum.state, quorum.acked, quorum.fsynced]).toEqual(["pending", [0], 1]);
  });

  it.each([
    [3, 0],
    [3, 4],
    [32, 1],
    [0, 0],
  ])("of %i homes cannot need %i", (homes, needed) => {
    expect(() => new WriteQuorum(homes, needed)).toThrow(AssertionError);
  });

  it("holds 31 homes, and hears of no other", () => {
    const quorum = new WriteQuorum(31, 31);
    for (let home = 0; home < 31; home++) {
      expect(quorum.state).toBe("pending");
      expect(quorum.addAck(home, true)).toBe(true);
    }
    expect([quorum.state, quorum.fsynced]).toEqual(["reached", 31]);
    for (const home of [-1, 31]) {
      expect(() => quorum.addAck(home, true)).toThrow(AssertionError);
      expect(() => quorum.addFailure(home)).toThrow(AssertionError);
    }
  });
});
