import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explains, isLinearizable } from "./brute-force.fixture.ts";
import { type RegisterAction, registerModel } from "./register-model.ts";
import { judge } from "./search.ts";
import type { SequentialModel, Timed } from "./sequential-model.ts";
import type { SerialOperation } from "./serial-history.ts";
import { actions as unanswered, answered, historyOf, type Step, steps } from "./serial-register.fixture.ts";

const STEPS_MAX = 1_000_000;

/** What a register did with these steps, without what failed. */
function done(list: readonly Step[], paceUs: number): readonly SerialOperation[] {
  return historyOf(list, paceUs).operations.filter(({ ending }) => ending !== "failed");
}

describe("what a register really did is linearizable", () => {
  test("in short histories with much at the same time", () => {
    const paces = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(steps({ minLength: 0, maxLength: 40 }, 60), paces, (list, paceUs) => {
        const operations = done(list, paceUs);
        const { verdict, order, unplaced } = judge(registerModel, operations, STEPS_MAX);
        expect({ verdict, unplaced }).toEqual({ verdict: "linearizable", unplaced: null });
        expect(explains(registerModel, operations, order)).toBe(true);
      }),
    );
  });

  test("in long ones", () => {
    fc.assert(
      fc.property(steps({ minLength: 250, maxLength: 300 }, 40), (list) => {
        expect(judge(registerModel, done(list, 10), STEPS_MAX).verdict).toBe("linearizable");
      }),
      { numRuns: 20 },
    );
  });
});

/** Few instants, so that many are the same. */
function timed<Action>(
  action: fc.Arbitrary<Action>,
  unended: fc.Arbitrary<Action>,
): fc.Arbitrary<Timed<Action>> {
  const client = fc.integer({ min: 1, max: 3 });
  const invokedUs = fc.nat(6);
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.record({ client, invokedUs, lengthUs: fc.nat(4), action }) },
      {
        weight: 1,
        arbitrary: fc.record({ client, invokedUs, lengthUs: fc.constant(Infinity), action: unended }),
      },
    )
    .map(({ lengthUs, ...rest }) => ({ ...rest, endedUs: rest.invokedUs + lengthUs }));
}

type CoinAction = "toss" | "turn" | "see heads" | "see tails";

/** Heads up at first. What a toss leads to nobody knows. */
const coin: SequentialModel<boolean, CoinAction> = {
  initial: true,
  step(state, action) {
    if (action === "toss") return [false, true];
    if (action === "turn") return [!state];
    return state === (action === "see heads") ? [state] : [];
  },
  key: (state) => (state ? 1 : 0),
  isReadOnly: (action) => action.startsWith("see"),
  outcome: () => undefined,
  mayGrowInto: () => true,
  describe: (action) => action,
};

const coinActions = fc.constantFrom<CoinAction>("toss", "turn", "see heads", "see tails");

/** Judges and brute force side by side; returns how often each verdict was right. */
function agree<State, Action>(
  model: SequentialModel<State, Action>,
  histories: fc.Arbitrary<readonly Timed<Action>[]>,
): Map<string, number> {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(histories, (operations) => {
      const { verdict, order, unplaced } = judge(model, operations, STEPS_MAX);
      expect(verdict).toBe(isLinearizable(model, operations) ? "linearizable" : "not-linearizable");
      expect(unplaced === null).toBe(verdict === "linearizable");
      if (unplaced === null) expect(explains(model, operations, order)).toBe(true);
      else expect(order).not.toContain(unplaced);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }),
  );
  return counts;
}

/** Short ones that a register did, or nearly: one result may be another. */
const nearlyLawful = fc
  .tuple(steps({ minLength: 1, maxLength: 6 }, 8), fc.integer({ min: 1, max: 6 }), fc.nat(9), answered)
  .map(([list, paceUs, at, action]) =>
    done(list, paceUs).map((operation, i) =>
      i === at && operation.ending === "ok" ? { ...operation, action } : operation,
    ),
  );

test("the search and brute force agree on registers, and both verdicts occur", () => {
  const anything = fc.array(timed(answered, unanswered), { maxLength: 6 });
  const counts = agree<string | null, RegisterAction>(registerModel, fc.oneof(anything, nearlyLawful));
  expect(counts.get("linearizable")).toBeGreaterThan(0);
  expect(counts.get("not-linearizable")).toBeGreaterThan(0);
});

test("and on an object that may do this or that", () => {
  const counts = agree(coin, fc.array(timed(coinActions, coinActions), { maxLength: 6 }));
  expect(counts.get("linearizable")).toBeGreaterThan(0);
  expect(counts.get("not-linearizable")).toBeGreaterThan(0);
});
