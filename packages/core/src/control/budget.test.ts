import { beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { Budget, type BudgetWaiter, type Claim } from "./budget.ts";
import { Timers } from "./timers.ts";

const limits = {
  ...DEFAULT_LIMITS,
  backgroundOpsMin: 100,
  backgroundOpsMax: 4_000,
  backgroundBytesMax: 4_000_000,
  backgroundP99Ms: 20,
  backgroundLateMs: 20,
};

let nowMs: number;
let alarmMs: number;
let lateMs: number;
let timers: Timers;
let budget: Budget;
let granted: string[];

beforeEach(() => {
  nowMs = 1_000;
  alarmMs = Infinity;
  lateMs = 0;
  granted = [];
  timers = new Timers({ monoMs: () => nowMs, wallMs: () => 0 }, { wakeAt: (at) => (alarmMs = at) });
  budget = new Budget({ timers, limits, lateMs: () => lateMs });
});

/** Time passes; the alarm rings so much too late. */
function run(forMs: number, tooLateMs = 0): void {
  const endMs = nowMs + forMs;
  while (alarmMs + tooLateMs <= endMs) {
    nowMs = Math.max(nowMs, alarmMs + tooLateMs);
    alarmMs = Infinity;
    timers.onAlarm();
  }
  nowMs = endMs;
}

function want(claim: Claim, count: number): void {
  const waiter: BudgetWaiter = { onGranted: () => void granted.push(claim) };
  for (let i = 0; i < count; i++) budget.request(claim, waiter);
}

/** Somebody always waits. */
function insatiable(claim: Claim): void {
  const waiter: BudgetWaiter = {
    onGranted: () => {
      granted.push(claim);
      budget.request(claim, waiter);
    },
  };
  budget.request(claim, waiter);
}

function rate(): number {
  return budget.status().operationsRate;
}

describe("a budget", () => {
  test("begins at its floor, and what is asked for too much waits for its turn", () => {
    want("exchange", 30);
    expect(granted).toHaveLength(1);
    expect(budget.status().waiting.exchange).toBe(29);
    run(100);
    expect(granted.length).toBeGreaterThanOrEqual(9);
    expect(granted.length).toBeLessThanOrEqual(14);
    run(1_000);
    expect(granted).toHaveLength(30);
  });

  test("grows while nothing speaks against it, up to its most", () => {
    insatiable("exchange");
    run(1_000);
    expect(rate()).toBe(100 + 4 * 25);
    run(40_000);
    expect(rate()).toBe(4_000);
    const before = granted.length;
    run(1_000);
    expect(granted.length - before).toBeGreaterThan(3_900);
    expect(granted.length - before).toBeLessThan(4_100);
  });

  test("halves while requests are slow, down to a floor at which all goes on", () => {
    insatiable("exchange");
    run(40_000);
    for (let i = 0; i < 300; i++) budget.onForeground(80);
    run(250);
    expect(rate()).toBe(2_000);
    for (let i = 0; i < 50; i++) {
      for (let n = 0; n < 10; n++) budget.onForeground(80);
      run(250);
    }
    expect(rate()).toBe(100);
    const before = granted.length;
    run(1_000);
    expect(granted.length - before).toBeGreaterThan(90);
    expect(budget.status().halvings).toBeGreaterThan(4);
  });

  test("is not halved twice by the same slow requests, and grows again after them", () => {
    insatiable("exchange");
    run(40_000);
    for (let i = 0; i < 300; i++) budget.onForeground(80);
    run(500);
    expect(rate()).toBe(2_025);
  });

  test("halves when timers fire late, and when the member was paused", () => {
    insatiable("exchange");
    run(40_000);
    run(1_000, 50);
    expect(rate()).toBeLessThan(1_000);
    run(40_000);
    expect(rate()).toBe(4_000);
    lateMs = 400;
    run(250);
    expect(rate()).toBe(2_000);
  });

  test("gives the most urgent its turn first, and the least urgent one of sixteen", () => {
    for (const claim of ["scrub", "exchange", "readRepair", "hints"] as const) insatiable(claim);
    run(3_200);
    const count = (claim: Claim): number => granted.filter((each) => each === claim).length;
    expect(count("hints")).toBeGreaterThan(14 * count("scrub"));
    expect(count("scrub")).toBeGreaterThan(granted.length / 20);
    // The one grant of each before anybody else waited.
    expect(count("exchange") + count("readRepair")).toBeLessThanOrEqual(2);
  });

  test("lets nothing begin until the bytes of what began before are paid for", () => {
    insatiable("scrub");
    run(40_000);
    budget.charge("scrub", 2_000_000);
    const before = granted.length;
    run(400);
    expect(granted.length).toBe(before);
    run(200);
    expect(granted.length).toBeGreaterThan(before);
    expect(budget.status().bytes.scrub).toBe(2_000_000);
  });

  test("is taken from at once or not at all by who cannot wait, and not before those who do", () => {
    expect(budget.tryTake("readRepair", 100)).toBe(true);
    expect(budget.tryTake("readRepair", 100)).toBe(false);
    run(1_000);
    want("exchange", 40);
    expect(budget.tryTake("readRepair", 100)).toBe(false);
    run(1_000);
    expect(budget.tryTake("readRepair", 100)).toBe(true);
    expect(budget.status().operations).toMatchObject({ readRepair: 2, exchange: 40 });
  });

  test("can be set while it runs, above and below its floor", () => {
    insatiable("exchange");
    run(40_000);
    budget.adjust(50, 1_000);
    run(1_000);
    const before = granted.length;
    run(1_000);
    expect(granted.length - before).toBeLessThanOrEqual(51);
    expect(budget.status()).toMatchObject({ operationsRate: 50, operationsRateMax: 50, bytesRateMax: 1_000 });
  });

  test("rests when there is nothing to do", () => {
    want("exchange", 1);
    run(2_000);
    expect(alarmMs).toBe(Infinity);
  });
});
