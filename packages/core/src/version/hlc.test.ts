import { beforeEach, describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { HLC_EPOCH_MS, HLC_TICKS, hlcOfMs, HybridClock, msOfHlc } from "./hlc.ts";
import { ManualClock } from "./manual-clock.fixture.ts";

const DRIFT_MS = 10_000;
const NOON = Date.UTC(2026, 4, 9, 12);
const HOUR_MS = 3_600_000;

let world: ManualClock;

beforeEach(() => {
  world = new ManualClock(NOON, 500);
});

/** A clock with so much reserve that no ceiling is in the way. */
function openClock(): HybridClock {
  const clock = new HybridClock(world, DRIFT_MS, 0);
  clock.raiseCeiling(clock.nextCeiling(24 * HOUR_MS));
  return clock;
}

describe("the form of a clock", () => {
  it("is ms since 2020 times 4096", () => {
    expect(HLC_EPOCH_MS).toBe(Date.UTC(2020, 0, 1));
    expect(hlcOfMs(HLC_EPOCH_MS)).toBe(0);
    expect(hlcOfMs(HLC_EPOCH_MS + 1)).toBe(4096);
    expect(hlcOfMs(HLC_EPOCH_MS + 1.999)).toBe(4096);
    expect(msOfHlc(4095)).toBe(HLC_EPOCH_MS);
    expect(msOfHlc(4096)).toBe(HLC_EPOCH_MS + 1);
    expect(msOfHlc(hlcOfMs(NOON) + HLC_TICKS - 1)).toBe(NOON);
  });

  it("is a safe integer until late in 2089", () => {
    const lastMs = HLC_EPOCH_MS + 2 ** 41 - 1;
    expect(new Date(lastMs).toISOString()).toBe("2089-09-06T15:47:35.551Z");
    expect(hlcOfMs(lastMs) + HLC_TICKS - 1).toBe(Number.MAX_SAFE_INTEGER);
    world.wall = Date.UTC(2089, 8, 1);
    const clock = openClock();
    expect([clock.mint(0), clock.mint(0)]).toEqual([hlcOfMs(world.wall), hlcOfMs(world.wall) + 1]);
    expect(Number.isSafeInteger(clock.ceiling)).toBe(true);
  });
});

describe("minting", () => {
  it("follows the machine's time, and counts within a millisecond", () => {
    const clock = openClock();
    expect(clock.mint(0)).toBe(hlcOfMs(NOON));
    expect(clock.mint(0)).toBe(hlcOfMs(NOON) + 1);
    world.pass(0.5);
    expect(clock.mint(0)).toBe(hlcOfMs(NOON) + 2);
    world.pass(0.5);
    expect(clock.mint(0)).toBe(hlcOfMs(NOON + 1));
    expect(clock.minted).toBe(hlcOfMs(NOON + 1));
  });

  it("runs over into the next millisecond after 4096 in one", () => {
    const clock = openClock();
    for (let i = 0; i < HLC_TICKS; i++) expect(clock.mint(0)).toBe(hlcOfMs(NOON) + i);
    expect(clock.mint(0)).toBe(hlcOfMs(NOON + 1));
    world.pass(1);
    expect(clock.mint(0)).toBe(hlcOfMs(NOON + 1) + 1);
  });

  it.each([-HOUR_MS, HOUR_MS])("does not see a step of the wall clock by %i ms", (step) => {
    const clock = openClock();
    clock.mint(0);
    world.wall += step;
    expect(clock.mint(0)).toBe(hlcOfMs(NOON) + 1);
    expect(clock.nowMs()).toBe(NOON);
  });

  it("exceeds its floor, at -1, at and +1", () => {
    for (const offset of [-1, 0, 1]) {
      const clock = openClock();
      const first = clock.mint(0);
      expect(clock.mint(first + offset)).toBe(first + 1 + Math.max(0, offset));
    }
  });

  it("gives 0 before there is a ceiling, and consumes nothing by asking", () => {
    const clock = new HybridClock(world, DRIFT_MS, 0);
    expect([clock.mint(0), clock.mint(0), clock.minted]).toEqual([0, 0, 0]);
    clock.raiseCeiling(clock.nextCeiling(0));
    expect(clock.mint(0)).toBe(hlcOfMs(NOON));
  });

  it("reaches its ceiling and never passes it, by counting, by time or by its floor", () => {
    const clock = new HybridClock(world, DRIFT_MS, 0);
    clock.raiseCeiling(hlcOfMs(NOON) + 2);
    expect([clock.mint(0), clock.mint(0), clock.mint(0), clock.mint(0)]).toEqual([
      hlcOfMs(NOON),
      hlcOfMs(NOON) + 1,
      hlcOfMs(NOON) + 2,
      0,
    ]);
    clock.raiseCeiling(hlcOfMs(NOON) + 5);
    expect(clock.mint(hlcOfMs(NOON) + 5)).toBe(0);
    expect(clock.mint(hlcOfMs(NOON) + 4)).toBe(hlcOfMs(NOON) + 5);
    world.pass(1);
    clock.raiseCeiling(hlcOfMs(NOON + 1) - 1);
    expect(clock.mint(0)).toBe(0);
    clock.raiseCeiling(hlcOfMs(NOON + 1));
    expect(clock.mint(0)).toBe(hlcOfMs(NOON + 1));
    expect(clock.minted).toBe(hlcOfMs(NOON + 1));
  });
});

describe("the ceiling", () => {
  it("is kept ahead of the reading by the reserve", () => {
    const clock = new HybridClock(world, DRIFT_MS, 0);
    expect(clock.nextCeiling(3_000)).toBe(hlcOfMs(NOON + 3_000));
    expect(clock.nextCeiling(0.25)).toBe(hlcOfMs(NOON + 100));
    clock.raiseCeiling(clock.nextCeiling(3_000));
    expect(clock.reserveLeftMs()).toBe(3_000);
    world.pass(3_000);
    expect(clock.reserveLeftMs()).toBe(0);
    world.pass(1_000);
    expect(clock.reserveLeftMs()).toBe(-1_000);
    expect(clock.nextCeiling(3_000)).toBe(hlcOfMs(NOON + 7_000));
  });

  it("is kept a little ahead of a clock that was adopted, so that it stands still until time has caught up", () => {
    const clock = openClock();
    const heard = hlcOfMs(NOON + DRIFT_MS) + 7;
    expect(clock.observe(heard)).toBe(true);
    expect(clock.nextCeiling(3_000)).toBe(heard + 100 * HLC_TICKS);
  });

  it("is not led away by a series of quick restarts", () => {
    let ceiling = 0;
    for (let starts = 0; starts < 20; starts++) {
      const clock = new HybridClock(world, DRIFT_MS, ceiling);
      ceiling = clock.nextCeiling(3_000);
      world.pass(10);
    }
    expect(ceiling).toBeLessThanOrEqual(hlcOfMs(NOON + 3_000 + 20 * 100));
  });

  it("is raised, never lowered", () => {
    const clock = new HybridClock(world, DRIFT_MS, hlcOfMs(NOON));
    clock.raiseCeiling(hlcOfMs(NOON + 5));
    clock.raiseCeiling(hlcOfMs(NOON + 4));
    expect(clock.ceiling).toBe(hlcOfMs(NOON + 5));
  });

  it.each([-HOUR_MS, 0, HOUR_MS])("after a restart %i ms off, everything minted is above it", (step) => {
    const before = new HybridClock(world, DRIFT_MS, 0);
    const ceiling = before.nextCeiling(3_000);
    before.raiseCeiling(ceiling);
    before.mint(0);
    world = new ManualClock(NOON + step, 3);
    const after = new HybridClock(world, DRIFT_MS, ceiling);
    expect(after.minted).toBe(0);
    expect(after.mint(0)).toBe(0);
    after.raiseCeiling(after.nextCeiling(3_000));
    expect(after.mint(0)).toBe(Math.max(ceiling + 1, hlcOfMs(NOON + step)));
  });
});

describe("drift", () => {
  it.each([
    [-1, true],
    [0, true],
    [1, false],
  ])("a clock %i ms beyond the bound is adopted: %s", (beyond, adopted) => {
    const clock = openClock();
    const minted = clock.mint(0);
    const heard = hlcOfMs(NOON + DRIFT_MS + beyond);
    expect(clock.tooFarAhead(heard)).toBe(!adopted);
    expect(clock.tooFarAhead(heard + HLC_TICKS - 1)).toBe(!adopted);
    expect(clock.driftRefusals).toBe(0);
    expect(clock.observe(heard)).toBe(adopted);
    expect(clock.driftRefusals).toBe(adopted ? 0 : 1);
    expect(clock.reading()).toBe(adopted ? heard : minted);
    expect(clock.mint(0)).toBe(adopted ? heard + 1 : minted + 1);
  });

  it("is measured from the later of the wall clock and the clock's own time, and not from what was adopted", () => {
    const behind = openClock();
    // The wall was set right by an hour while the member ran: what others say at the new time is believed.
    world.wall += HOUR_MS;
    expect(behind.tooFarAhead(hlcOfMs(world.wall + DRIFT_MS))).toBe(false);
    expect(behind.tooFarAhead(hlcOfMs(world.wall + DRIFT_MS + 1))).toBe(true);
    // It is set back: the time since the start counts. Clocks adopted meanwhile do not, or they would add up.
    world.wall -= 2 * HOUR_MS;
    expect(behind.observe(hlcOfMs(NOON + DRIFT_MS))).toBe(true);
    expect(behind.tooFarAhead(hlcOfMs(NOON + DRIFT_MS))).toBe(false);
    expect(behind.tooFarAhead(hlcOfMs(NOON + DRIFT_MS + 1))).toBe(true);
  });

  it("takes fractions of the wall clock as they are", () => {
    world.wall = NOON + 0.5;
    const clock = openClock();
    expect(clock.tooFarAhead(hlcOfMs(NOON + DRIFT_MS))).toBe(false);
    expect(clock.tooFarAhead(hlcOfMs(NOON + DRIFT_MS + 1))).toBe(true);
  });

  it("does not mind what is behind", () => {
    const clock = openClock();
    const minted = clock.mint(0);
    expect([clock.observe(0), clock.observe(minted), clock.observe(hlcOfMs(NOON - HOUR_MS))]).toEqual([
      true,
      true,
      true,
    ]);
    expect(clock.mint(0)).toBe(minted + 1);
    expect(clock.driftRefusals).toBe(0);
  });

  it("counts each refusal", () => {
    const clock = openClock();
    for (let i = 1; i <= 3; i++) {
      clock.observe(Number.MAX_SAFE_INTEGER);
      expect(clock.driftRefusals).toBe(i);
    }
    expect(clock.reading()).toBe(hlcOfMs(NOON));
  });
});

it("a clock that cannot count any further stops the member", () => {
  const clock = new HybridClock(world, DRIFT_MS, 0);
  clock.raiseCeiling(Infinity);
  clock.mint(Number.MAX_SAFE_INTEGER);
  expect(() => clock.mint(0)).toThrow(AssertionError);
});
