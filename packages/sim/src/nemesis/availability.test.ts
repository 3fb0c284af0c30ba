import { expect, test } from "vitest";
import { MadeHistory } from "../checkers/made-history.fixture.ts";
import type { Operation } from "../workloads/history.ts";
import { availability } from "./availability.ts";
import type { Struck } from "./strikes.ts";

const SECOND = 1_000_000;

/** Ten puts a second at each of three members; those of `failing` fail. */
function puts(seconds: number, failing: (second: number, member: number) => boolean): Operation[] {
  const history = new MadeHistory();
  return Array.from({ length: seconds }, (_, second) =>
    [1, 2, 3].flatMap((member) =>
      Array.from({ length: 10 }, (__, index) => {
        const atUs = second * SECOND + index;
        const id = failing(second, member) ? history.failedPut(atUs, atUs + 1) : history.put(atUs, atUs + 1);
        const operation = history.operations[id - 1];
        if (operation === undefined) throw new Error("no operation");
        return { ...operation, member };
      }),
    ),
  ).flat(2);
}

const killOf2: Struck = {
  strike: { kind: "kill-one", delayMs: 0, holdMs: 5_000, killed: [2], paused: [], cuts: [] },
  fromUs: 10 * SECOND,
  toUs: 15 * SECOND,
};

test("what fails at the struck member, or as it is struck, is not counted", () => {
  const operations = puts(
    20,
    (second, member) => (member === 2 && second >= 10 && second < 15) || second === 11,
  );
  const {
    seconds,
    succeeded,
    operations: counted,
    worst,
  } = availability(operations, [killOf2], [1, 2, 3], 2);
  expect(seconds).toBe(18);
  expect(succeeded).toBe(counted);
  expect(worst?.part).toBe(1);
});

test("what fails at the others is, and the worst second is named", () => {
  const operations = puts(20, (second, member) => second === 13 && member === 1);
  const { worst } = availability(operations, [killOf2], [1, 2, 3], 2);
  expect(worst).toEqual({ second: 13, part: 0.5 });
  const cut = { from: 1, to: 3, isOneWay: false };
  const split: Struck = { ...killOf2, strike: { ...killOf2.strike, kind: "cut", killed: [], cuts: [cut] } };
  expect(availability(operations, [split], [1, 2, 3], 2).worst?.part).toBeCloseTo(2 / 3);
  expect(availability(operations, [split, killOf2], [1, 2, 3], 2).worst?.part).toBe(1);
  const both = { ...killOf2, strike: { ...killOf2.strike, killed: [2, 3] } };
  expect(availability(operations, [both], [1, 2, 3], 2).worst?.part).toBe(1);
});
