import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { Timers } from "../control/timers.ts";
import { Dialer } from "./dialer.ts";

const { redialMsMin, redialMsMax } = DEFAULT_LIMITS;

/** A dialer whose chance is always the same, and what it waits after each failure. */
function waits(u32: number, failures: number, upMs = -1): number[] {
  let nowMs = 0;
  let dials = 0;
  const timers = new Timers({ monoMs: () => nowMs, wallMs: () => nowMs }, { wakeAt: () => undefined });
  const transport = { dial: () => void dials++, writer: () => null, close: () => undefined };
  const dialer = new Dialer(
    { limits: DEFAULT_LIMITS, random: { u32: () => u32 }, timers, transport },
    2,
    "bulk",
  );
  const seen: number[] = [];
  for (let i = 0; i < failures; i++) {
    if (upMs >= 0) {
      dialer.connected(nowMs);
      nowMs += upMs;
    }
    dialer.retry(nowMs);
    seen.push(dialer.dueMs - nowMs);
    nowMs = dialer.dueMs;
    timers.onAlarm();
    expect(dials).toBe(i + 1);
  }
  return seen;
}

test("waits grow from the least to the most", () => {
  const longest = waits(2 ** 32 - 1, 8);
  const expected = [100, 200, 400, 800, 1000, 1000, 1000, 1000];
  for (const [i, wait] of longest.entries()) expect(wait).toBeCloseTo(expected[i] ?? 0, 3);
  expect(waits(0, 8)).toEqual(new Array(8).fill(redialMsMin));
});

test("a link that lasted begins the count anew, one that did not does not", () => {
  for (const wait of waits(2 ** 32 - 1, 5, redialMsMax)) expect(wait).toBeCloseTo(2 * redialMsMin, 3);
  expect(waits(2 ** 32 - 1, 5, redialMsMax - 1).at(-1)).toBeCloseTo(redialMsMax, 3);
});
