/** What the register claims of its actions, which lets the search leave out work, holds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type RegisterAction, registerModel, type Value } from "./register-model.ts";
import { actions, answered } from "./serial-register.fixture.ts";

const states = fc.constantFrom<Value>(null, "", "-", "0", "1", "10", "-1", "00", "x", "1x");
const anyAction = fc.oneof(actions, answered);

test("what is read-only changes nothing, and what has an outcome leads to nothing else", () => {
  fc.assert(
    fc.property(states, anyAction, (state, action) => {
      const next = registerModel.step(state, action);
      if (registerModel.isReadOnly(action)) expect([[], [state]]).toContainEqual(next);
      const outcome = registerModel.outcome(action);
      if (outcome !== undefined) expect([[], [outcome]]).toContainEqual(next);
    }),
  );
});

test("what growing actions can make possible may grow", () => {
  const grow = anyAction.filter(
    (action) => !registerModel.isReadOnly(action) && registerModel.outcome(action) === undefined,
  );
  let counted = 0;
  fc.assert(
    fc.property(states, fc.array(grow, { maxLength: 4 }), anyAction, (before, growing, action) => {
      let state = before;
      for (const one of growing) state = registerModel.step(state, one)[0] ?? state;
      if (registerModel.step(state, action).length === 0) return;
      expect(registerModel.mayGrowInto(before, action)).toBe(true);
      if (state !== before) counted++;
    }),
  );
  expect(counted).toBeGreaterThan(0);
});

test("actions with the same words do the same", () => {
  const effects = new Map<string, unknown[]>();
  const all: Value[] = [null, "", "1", "10", "x", "1x"];
  fc.assert(
    fc.property(anyAction, (action: RegisterAction) => {
      const words = registerModel.describe(action);
      const effect = all.map((state) => registerModel.step(state, action));
      expect(effect).toEqual(effects.get(words) ?? effect);
      effects.set(words, effect);
    }),
  );
});
