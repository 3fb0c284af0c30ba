import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { respLimits } from "./limits.ts";
import { Patience, type ConnectionState } from "./patience.ts";

const QUIET: ConnectionState = { unfinished: false, isRead: true, inFlight: 0, unsentBytes: 0, takenMs: 0 };
const LIMITS = respLimits(DEFAULT_LIMITS, { requestMsMax: 100, idleMsMax: 200, stuckMsMax: 300 });

describe("a request that has come in in part", () => {
  const half = { ...QUIET, unfinished: true };

  test.each([
    [99, null],
    [100, null],
    [101, "requestMsMax"],
  ])("%d ms after it began: %s", (ageMs, overdue) => {
    const patience = new Patience(0);
    patience.onInput(1000, 1);
    // More of the same request makes it no younger.
    patience.onInput(1050, 1);
    expect(patience.overdue(1000 + ageMs, half, LIMITS)).toBe(overdue);
  });

  test("is not the one that began before it", () => {
    const patience = new Patience(0);
    patience.onInput(1000, 1);
    patience.onInput(1090, 2);
    expect(patience.overdue(1190, half, LIMITS)).toBeNull();
    expect(patience.overdue(1191, half, LIMITS)).toBe("requestMsMax");
  });

  test("does not age while it is not read", () => {
    const patience = new Patience(0);
    patience.onInput(1000, 1);
    expect(patience.overdue(9000, { ...half, isRead: false }, LIMITS)).toBeNull();
    patience.onReadAgain(9000);
    expect(patience.overdue(9100, half, LIMITS)).toBeNull();
    expect(patience.overdue(9101, half, LIMITS)).toBe("requestMsMax");
  });
});

test.each([
  [199, null],
  [200, null],
  [201, "idleMsMax"],
])("%d ms without a request: %s", (idleMs, overdue) => {
  const patience = new Patience(1000);
  expect(patience.overdue(1000 + idleMs, QUIET, LIMITS)).toBe(overdue);
  expect(patience.overdue(1000 + idleMs, { ...QUIET, inFlight: 1 }, LIMITS)).toBeNull();
});

test("by default nobody is closed for being idle", () => {
  const patience = new Patience(0);
  expect(patience.overdue(1e12, QUIET, respLimits(DEFAULT_LIMITS))).toBeNull();
});

test.each([
  [299, null],
  [300, null],
  [301, "stuckMsMax"],
])("%d ms after something was taken last: %s", (ms, overdue) => {
  const patience = new Patience(0);
  const state = { ...QUIET, unsentBytes: 1, takenMs: 1000 };
  expect(patience.overdue(1000 + ms, state, LIMITS)).toBe(overdue);
});
