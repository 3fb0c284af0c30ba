/** Acceptors as functions, and their rows. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type AcceptorState,
  NEW_ACCEPTOR,
  decodeAcceptorRow,
  encodeAcceptorRow,
  joinAcceptorRows,
} from "./acceptor-row.ts";
import { acceptInto, isSecondValue, promiseTo } from "./acceptor.ts";
import { type Ballot, NO_BALLOT, ballotText, compareBallots } from "./ballot.ts";

const ballots: fc.Arbitrary<Ballot> = fc.record({
  epoch: fc.constant(1),
  clock: fc.integer({ min: 1, max: 6 }),
  member: fc.integer({ min: 1, max: 3 }),
});
const records = fc.uint8Array({ minLength: 1, maxLength: 20 });
const states: fc.Arbitrary<AcceptorState> = fc.record({
  promised: ballots,
  accepted: ballots,
  origin: ballots,
  record: records,
});

type Step = { readonly prepare: Ballot } | { readonly accept: Ballot; readonly record: Uint8Array };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    ballots.map((prepare) => ({ prepare })),
    fc.record({ accept: ballots, record: records }),
  ),
  { maxLength: 20 },
);

function apply(state: AcceptorState, step: Step): AcceptorState {
  if ("prepare" in step) return promiseTo(state, step.prepare) ?? state;
  const { accept, record } = step;
  return acceptInto(state, { ballot: accept, origin: accept, record, next: NO_BALLOT }) ?? state;
}

describe("an acceptor", () => {
  test("never takes back a promise, and accepts nothing below it", () => {
    fc.assert(
      fc.property(steps, (all) => {
        let state = NEW_ACCEPTOR;
        for (const step of all) {
          const next = apply(state, step);
          expect(compareBallots(next.promised, state.promised)).toBeGreaterThanOrEqual(0);
          expect(compareBallots(next.accepted, next.promised)).toBeLessThanOrEqual(0);
          expect(compareBallots(next.accepted, state.accepted)).toBeGreaterThanOrEqual(0);
          state = next;
        }
      }),
    );
  });

  it("accepts along with a promise for the next ballot, which is its proposer's to use unprepared", () => {
    const [one, two] = [1, 2].map((clock) => ({ epoch: 1, clock, member: 1 }));
    const other = { epoch: 1, clock: 1, member: 2 };
    const proposal = {
      ballot: one ?? NO_BALLOT,
      origin: one ?? NO_BALLOT,
      record: new Uint8Array([1]),
      next: two ?? NO_BALLOT,
    };
    const state = acceptInto(NEW_ACCEPTOR, proposal) ?? NEW_ACCEPTOR;
    expect(promiseTo(state, other)).toBe(null);
    expect(promiseTo(state, two ?? NO_BALLOT)).toBe(null);
    expect(acceptInto(state, { ...proposal, ballot: two ?? NO_BALLOT, next: NO_BALLOT })).toMatchObject({
      accepted: two,
    });
  });

  it("knows a second value of a ballot", () => {
    const ballot = { epoch: 1, clock: 1, member: 1 };
    const proposal = { ballot, origin: ballot, record: new Uint8Array([1]), next: NO_BALLOT };
    const state = acceptInto(NEW_ACCEPTOR, proposal) ?? NEW_ACCEPTOR;
    expect(isSecondValue(state, proposal)).toBe(false);
    expect(isSecondValue(state, { ...proposal, record: new Uint8Array([2]) })).toBe(true);
  });
});

describe("a row", () => {
  test("comes back, and is damaged when any byte of it has changed or is missing", () => {
    fc.assert(
      fc.property(states, fc.nat(), (state, n) => {
        const row = encodeAcceptorRow(state);
        expect(decodeAcceptorRow(row)).toEqual(state);
        const at = n % row.length;
        const flipped = row.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (n % 8));
        expect(decodeAcceptorRow(flipped)).toBe(null);
        expect(decodeAcceptorRow(row.subarray(0, at))).toBe(null);
      }),
    );
  });

  test("joined with another has the higher promise and the later value, in either order", () => {
    fc.assert(
      fc.property(states, states, (a, b) => {
        if (compareBallots(a.accepted, b.accepted) === 0) return;
        const [one, other] = [encodeAcceptorRow(a), encodeAcceptorRow(b)];
        const joined = decodeAcceptorRow(joinAcceptorRows(one, other));
        expect(joined).toEqual(decodeAcceptorRow(joinAcceptorRows(other, one)));
        for (const each of [a, b]) {
          expect(compareBallots(joined?.promised ?? NO_BALLOT, each.promised)).toBeGreaterThanOrEqual(0);
          expect(compareBallots(joined?.accepted ?? NO_BALLOT, each.accepted)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("of the journal is taken over a damaged one of the engine", () => {
    const row = encodeAcceptorRow(NEW_ACCEPTOR);
    expect(joinAcceptorRows(new Uint8Array([9, 9]), row)).toBe(row);
  });
});

it("ballots read as epoch, clock and member", () => {
  expect([ballotText(NO_BALLOT), ballotText({ epoch: 1, clock: 7, member: 3 })]).toEqual(["-", "1.7.3"]);
});
