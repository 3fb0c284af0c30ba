import { expect, it } from "vitest";
import { RATIO_GOALS } from "../report/ratios.ts";
import { allRows, chosenRows, CONTROL_ROW, DEFAULT_SIZES, QUICK_SIZES } from "./rows.ts";

const rows = allRows(DEFAULT_SIZES);
const ids = rows.map(({ id }) => id);

it("rows have ids of their own, and the ratios are of rows that there are", () => {
  expect(new Set(ids).size).toBe(ids.length);
  for (const { over, under } of RATIO_GOALS)
    expect([ids.includes(over), ids.includes(under)]).toEqual([true, true]);
});

it("every row says what an answer promises", () => {
  expect(rows.filter(({ promise }) => promise === "")).toEqual([]);
});

it("a quick run has somebody of everybody", () => {
  const quick = chosenRows(allRows(QUICK_SIZES), [], true);
  expect(new Set(quick.map(({ opponent }) => opponent))).toEqual(
    new Set(rows.map(({ opponent }) => opponent)),
  );
  expect(quick.length).toBeLessThan(rows.length);
});

it("whoever names rows gets them, quick or not, and the control", () => {
  expect(chosenRows(rows, ["kvorum/set/1024"], true).map(({ id }) => id)).toEqual([
    CONTROL_ROW,
    "kvorum/set/1024/1/spread",
  ]);
  expect(chosenRows(rows, [], false)).toEqual(rows);
});
