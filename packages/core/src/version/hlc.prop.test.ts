/**
 * Everything that can happen to a member's clock, in any order: time passes, the wall is set, others are heard,
 * ceilings are written and (later) used, the member dies and starts again from what was written.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { assert } from "../base/assert.ts";
import { HLC_TICKS, hlcOfMs, HybridClock, msOfHlc } from "./hlc.ts";
import { ManualClock } from "./manual-clock.fixture.ts";

const DRIFT_MS = 10_000;
const RESERVE_MS = 3_000;
const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 4, 9, 12);

type Step =
  | { kind: "pass"; ms: number }
  | { kind: "set"; ms: number }
  | { kind: "mint"; ahead: number }
  | { kind: "observe"; ahead: number }
  | { kind: "persist" }
  | { kind: "raise" }
  | { kind: "restart"; ms: number; mono: number };

const hour = fc.integer({ min: -HOUR_MS * 8, max: HOUR_MS * 8 }).map((eighths) => eighths / 8);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(40_000).map((eighths) => eighths / 8) }),
  fc.record({ kind: fc.constant("set" as const), ms: hour }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("mint" as const), ahead: aheads(DRIFT_MS) }) },
  fc.record({ kind: fc.constant("observe" as const), ahead: aheads(2 * DRIFT_MS) }),
  { weight: 2, arbitrary: fc.constant({ kind: "persist" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "raise" as const }) },
  fc.record({ kind: fc.constant("restart" as const), ms: hour, mono: fc.nat(1_000_000) }),
);

/** Ticks ahead of a clock's reading: mostly a few, either way, sometimes up to this many ms. */
function aheads(ms: number): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -ms * HLC_TICKS, max: ms * HLC_TICKS }));
}

class Member {
  readonly world = new ManualClock(NOON, 0);
  readonly minted: number[] = [];
  clock = new HybridClock(this.world, DRIFT_MS, 0);
  /** What is on disk. */
  persisted = 0;

  do(action: Step): void {
    const { world } = this;
    if (action.kind === "pass") world.pass(action.ms);
    else if (action.kind === "set") world.wall += action.ms;
    else if (action.kind === "mint") this.#mint(action.ahead);
    else if (action.kind === "observe") this.#observe(action.ahead);
    else if (action.kind === "persist")
      this.persisted = Math.max(this.persisted, this.clock.nextCeiling(RESERVE_MS));
    else if (action.kind === "raise") this.clock.raiseCeiling(this.persisted);
    else {
      world.wall += action.ms;
      world.mono = action.mono;
      this.clock = new HybridClock(world, DRIFT_MS, this.persisted);
    }
  }

  #mint(ahead: number): void {
    const { clock } = this;
    const before = clock.reading();
    const floor = Math.max(0, before + ahead);
    if (clock.tooFarAhead(floor)) return;
    const minted = clock.mint(floor);
    if (minted === 0) {
      assert(Math.max(before, floor) >= clock.ceiling, "only the ceiling is in the way");
      assert(clock.reading() === before, "a refusal consumes nothing");
      return;
    }
    assert(minted > floor && minted >= before, "a clock is above its floor and not behind the time");
    assert(minted <= clock.ceiling && minted <= this.persisted, "a clock is below the ceiling on disk");
    assert(clock.minted === minted && clock.reading() === minted, "the reading is the last clock minted");
    this.minted.push(minted);
  }

  #observe(ahead: number): void {
    const { clock, world } = this;
    const before = clock.reading();
    const heard = Math.max(0, before + ahead);
    const refusals = clock.driftRefusals;
    const far = heard > before && clock.aheadMs(heard) > DRIFT_MS;
    assert(
      !far || msOfHlc(heard) - world.wall > DRIFT_MS,
      "what is near the wall clock is not too far ahead",
    );
    assert(clock.observe(heard) === !far, "exactly what is too far ahead is refused");
    assert(
      clock.reading() === (far ? before : Math.max(before, heard)),
      "only what is not refused is adopted",
    );
    assert(clock.driftRefusals === refusals + (far ? 1 : 0), "refusals are counted");
  }
}

it("what is minted strictly increases, over restarts too, below what is on disk", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const member = new Member();
      for (const action of steps) member.do(action);
      const { minted } = member;
      for (let i = 1; i < minted.length; i++) expect(minted[i]).toBeGreaterThan(minted[i - 1] ?? Infinity);
      expect(minted.every(Number.isSafeInteger)).toBe(true);
    }),
  );
});

it("with its ceiling kept ahead, a clock never waits and stays within a tick of monotonic time", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(RESERVE_MS), hour), { maxLength: 40 }), (steps) => {
      const world = new ManualClock(NOON, 0);
      const clock = new HybridClock(world, DRIFT_MS, 0);
      for (const [ms, wallStep] of steps) {
        clock.raiseCeiling(clock.nextCeiling(RESERVE_MS));
        world.pass(ms);
        world.wall += wallStep;
        const minted = clock.mint(0);
        const time = hlcOfMs(NOON + world.mono);
        expect(minted).toBeGreaterThanOrEqual(time);
        expect(minted).toBeLessThan(time + steps.length);
      }
    }),
  );
});
