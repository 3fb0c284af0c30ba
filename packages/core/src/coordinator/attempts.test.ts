/** What a proposer may conclude of its own refused attempts. */
import { describe, expect, it } from "vitest";
import { EMPTY_BYTES } from "../base/bytes.ts";
import type { Ballot } from "../paxos/ballot.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { Promises } from "./promises.ts";

const SELF = 1;
const OTHER = 3;
const ballot = (member: number, clock: number): Ballot => ({ epoch: 1, clock, member });

/** Proposed at 10 with a promise for 11, accepted by home 2 and refused by the others. */
function refusedAttempt(): Attempts {
  const attempts = new Attempts();
  const attempt: Attempt = {
    origin: ballot(SELF, 10),
    base: null,
    jobs: [],
    nowMs: 0,
    verdicts: [],
    record: null,
    writes: [],
  };
  attempts.add(attempt);
  attempts.refuse(attempt, [2], ballot(SELF, 11));
  return attempts;
}

/** What is found when another proposer's value is the last that was accepted. */
function finding(attempts: Attempts, at: Ballot): string {
  const promises = new Promises(null);
  const accepted = ballot(OTHER, 15);
  promises.add({
    promised: accepted,
    accepted,
    origin: accepted,
    unfinished: EMPTY_BYTES,
    same: true,
    committed: EMPTY_BYTES,
  });
  return attempts.findingOf(promises, at).kind;
}

describe("an attempt that was refused, where another proposer's value was accepted since", () => {
  it("is made again if whoever accepted it has promised to nobody else since", () => {
    const attempts = refusedAttempt();
    attempts.onPromised(2, ballot(SELF, 11), ballot(SELF, 20));
    attempts.onPromised(2, ballot(SELF, 20), ballot(SELF, 30));
    expect(finding(attempts, ballot(SELF, 30))).toBe("decide");
  });

  it("is made again if nobody had accepted it after all", () => {
    const attempts = refusedAttempt();
    attempts.onPromised(2, ballot(OTHER, 9), ballot(SELF, 20));
    expect(finding(attempts, ballot(SELF, 20))).toBe("decide");
  });

  it.each([
    ["in a round that came to nothing", [ballot(OTHER, 15), ballot(SELF, 20)]],
    ["in a round whose answer was not heard", [ballot(SELF, 20)]],
  ])("is not made again if another has asked there, %s", (_when, before) => {
    const attempts = refusedAttempt();
    for (const [i, last] of before.entries()) attempts.onPromised(2, last, ballot(SELF, 20 + 10 * i));
    const at = ballot(SELF, 10 + 10 * before.length);
    expect(finding(attempts, at)).toBe("overtaken");
    attempts.onPromised(2, at, ballot(SELF, 40));
    expect(finding(attempts, ballot(SELF, 40))).toBe("overtaken");
  });

  it("is not made again while whoever accepted it is silent", () => {
    expect(finding(refusedAttempt(), ballot(SELF, 20))).toBe("overtaken");
  });
});
