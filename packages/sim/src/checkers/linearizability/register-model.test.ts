import { expect, test } from "vitest";
import { draw } from "./drawing.fixture.ts";
import { quoted, type RegisterAction, registerModel } from "./register-model.ts";

function actions(drawing: string): RegisterAction[] {
  return draw(`a: ${drawing}`).operations.map(({ action }) => action);
}

test("actions in words, with their answers and without", () => {
  const words = actions(
    "[w1] [r1] [r-] [c->1] [c*>-:-] [c1>2:] [c~1>2:3] [i5=7] [ax=3] [g2=1] [g-=-] [d+] [d-]",
  );
  expect(words.map((action) => registerModel.describe(action))).toEqual([
    'write "1", done',
    'read, saw "1"',
    "read, saw nothing",
    'set "1" if absent, done',
    "set nothing if present, refused for nothing",
    'set "2" if equal to "1", refused',
    'set "2" if different to "1", refused for "3"',
    "increment by 5, now 7",
    'append "x", now of length 3',
    'get and set "2", was "1"',
    "get and set nothing, was nothing",
    "delete, was there",
    "delete, was not there",
  ]);
  const unanswered = actions("[w1? [r ? [c->1? [i5? [ax? [g2? [d ?");
  expect(unanswered.map((action) => registerModel.describe(action))).toEqual([
    'write "1"',
    "read",
    'set "1" if absent',
    "increment by 5",
    'append "x"',
    'get and set "2"',
    "delete",
  ]);
});

test("reads, refusals and deletes of nothing are read-only, and nothing else is", () => {
  const readOnly = actions("[r1] [r ? [c1>2:] [c1>2:3] [d-]");
  expect(readOnly.every((action) => registerModel.isReadOnly(action))).toBe(true);
  const others = actions("[w1] [w1? [c1>2] [c1>2? [i1=1] [ax=1] [g1=1] [d+] [d ?");
  expect(others.some((action) => registerModel.isReadOnly(action))).toBe(false);
});

test("all but appends and counts that nobody told leave a known state behind", () => {
  const known = actions("[w1] [w1? [c3>1] [c3>1? [i2=1] [g1=5] [g1? [d+] [d ?");
  const outcomes = known.map((action) => quoted(registerModel.outcome(action) ?? null));
  expect(outcomes).toEqual([...Array<string>(7).fill('"1"'), "nothing", "nothing"]);
  const growing = actions("[ax=1] [ax? [i1?");
  expect(growing.map((action) => registerModel.outcome(action))).toEqual([undefined, undefined, undefined]);
});

test("what is no number is not counted on", () => {
  const [increment] = actions("[i1?");
  if (increment === undefined) throw new Error("nothing drawn");
  const counted = [null, "0", "-3", "12"].map((state) => registerModel.step(state, increment));
  expect(counted).toEqual([["1"], ["1"], ["-2"], ["13"]]);
  for (const state of ["", "-", "01", "-0", "1x", " 1"])
    expect(registerModel.step(state, increment)).toEqual([]);
});
