import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { assert, AssertionError } from "../base/assert.ts";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { Timers } from "../control/timers.ts";
import { metadataKey } from "../storage/keyspace.ts";
import { ManualStorage } from "../storage/manual-storage.fixture.ts";
import { decodeClockMemory, NO_CLOCK_MEMORY } from "../storage/metadata-store.ts";
import { hlcOfMs, HybridClock } from "../version/hlc.ts";
import { ManualClock } from "../version/manual-clock.fixture.ts";
import { Minter } from "./minter.ts";

const NOON = Date.UTC(2026, 4, 9, 12);
const HOUR_MS = 3_600_000;
const RESERVE_MS = DEFAULT_LIMITS.clockReserveMs;
const CLOCK = metadataKey("clock");

/** A member reduced to its minter, on a machine whose time and disk a test moves by hand. */
class Machine {
  readonly time = new ManualClock(NOON, 0);
  readonly heard = new Map<number, number>();
  readonly births = new Map<number, number>();
  storage = new ManualStorage();
  alarmMs = Infinity;
  timers = new Timers(this.time, this);
  clock = new HybridClock(this.time, DEFAULT_LIMITS.maxClockDriftMs, 0);
  minter = this.#minter();
  woken = 0;

  wakeAt(monoMs: number): void {
    this.alarmMs = monoMs;
  }

  onMintable(): void {
    this.woken++;
  }

  /** The ceiling on disk now. */
  get stored(): number {
    const bytes = this.storage.stored(CLOCK);
    return bytes === null ? 0 : (decodeClockMemory(bytes)?.ceiling ?? NaN);
  }

  /** Time passes, and timers fire on it. */
  pass(ms: number): void {
    const { time } = this;
    const endMs = time.mono + ms;
    while (this.alarmMs <= endMs) {
      time.pass(Math.max(0, this.alarmMs - time.mono));
      this.alarmMs = Infinity;
      this.timers.onAlarm();
    }
    time.pass(endMs - time.mono);
  }

  /** The member starts again after a crash; what was being written may have reached the disk. */
  reboot(wallStepMs: number, reached: boolean): void {
    const bytes = this.storage.stored(CLOCK, reached);
    this.storage = new ManualStorage();
    this.storage.seed(CLOCK, bytes);
    this.time.wall += wallStepMs;
    this.time.mono = 0;
    this.alarmMs = Infinity;
    this.timers = new Timers(this.time, this);
    this.clock = new HybridClock(this.time, DEFAULT_LIMITS.maxClockDriftMs, this.stored);
    this.minter = this.#minter();
  }

  /** Starts to the point where dots can be minted. */
  ready(): void {
    this.minter.start(this);
    this.storage.complete();
  }

  #minter(): Minter {
    return new Minter(7, this.clock, this.storage, this.timers, DEFAULT_LIMITS, () => ({
      birth: 77,
      lives: 3,
      heard: this.heard,
      births: this.births,
    }));
  }
}

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

describe("before the first ceiling is on disk", () => {
  it("nothing is minted and no run begins", () => {
    const { minter, storage } = machine;
    minter.start(machine);
    expect([minter.mint(0), minter.beginRun(), minter.runStart, machine.woken]).toEqual([0, 0, 0, 0]);
    expect(storage.appends.map(({ key, durability }) => [key, durability])).toEqual([[CLOCK, "fsync"]]);
    machine.pass(1);
    expect(minter.mint(0)).toBe(0);
    storage.complete();
    expect(machine.woken).toBe(1);
    expect(minter.runStart).toBe(hlcOfMs(NOON + 1));
    expect(minter.mint(0)).toBe(hlcOfMs(NOON + 1) + 1);
    expect(storage.appends).toEqual([]);
  });

  it("not even where an earlier boot left a ceiling", () => {
    machine.ready();
    const { stored } = machine;
    machine.reboot(0, false);
    machine.minter.start(machine);
    expect([machine.minter.mint(0), machine.minter.beginRun()]).toEqual([0, 0]);
    machine.storage.complete();
    expect(machine.minter.runStart).toBe(stored + 1);
  });
});

describe("the ceiling", () => {
  it("is reserved ahead, and nothing is minted above what is stored", () => {
    machine.ready();
    expect(machine.stored).toBe(hlcOfMs(NOON + RESERVE_MS));
    machine.pass(RESERVE_MS - 1);
    expect(machine.minter.mint(0)).toBe(hlcOfMs(NOON + RESERVE_MS - 1));
    machine.pass(1);
    expect(machine.minter.mint(0)).toBe(machine.stored);
    expect(machine.minter.mint(0)).toBe(0);
  });

  it("is not used while it is being written", () => {
    machine.ready();
    machine.pass(2 * RESERVE_MS);
    machine.minter.wait(machine);
    expect(machine.storage.appends).toHaveLength(1);
    expect(machine.minter.mint(0)).toBe(0);
    machine.storage.complete();
    expect(machine.minter.mint(0)).toBe(hlcOfMs(NOON + 2 * RESERVE_MS));
  });

  it("is written together with what is known of directories and was heard from peers", () => {
    machine.heard.set(2, 99).set(3, 98);
    machine.births.set(3, 55);
    machine.ready();
    const bytes = machine.storage.stored(CLOCK);
    expect(bytes === null ? null : decodeClockMemory(bytes)).toEqual({
      ceiling: hlcOfMs(NOON + RESERVE_MS),
      birth: 77,
      lives: 3,
      heard: new Map([
        [2, 99],
        [3, 98],
      ]),
      births: new Map([[3, 55]]),
    });
    expect(NO_CLOCK_MEMORY.ceiling).toBe(0);
  });

  it("is raised in time while dots are minted, in few writes", () => {
    machine.ready();
    let appends = 0;
    for (let ms = 0; ms < 120_000; ms += 10) {
      expect(machine.minter.mint(0)).toBeGreaterThan(0);
      machine.pass(10);
      while (machine.storage.complete()) appends++;
    }
    expect(appends).toBeGreaterThan(120_000 / RESERVE_MS);
    expect(appends).toBeLessThan((2 * 120_000) / RESERVE_MS);
  });

  it("is raised no more a minute after the last dot", () => {
    machine.ready();
    machine.minter.mint(0);
    const writes: number[] = [];
    for (let second = 1; second <= 600; second++) {
      machine.pass(1_000);
      if (machine.storage.complete()) writes.push(second);
    }
    expect(writes.length).toBeGreaterThan(10);
    expect(writes.at(-1)).toBeGreaterThan(55);
    expect(writes.at(-1)).toBeLessThanOrEqual(60);
  });

  it("is written again soon after a peer's directory has become known, though no clock was heard", () => {
    machine.ready();
    machine.births.set(2, 44);
    machine.pass(RESERVE_MS / 4);
    machine.births.set(3, 55);
    // What is under way does not hold the second.
    machine.pass(RESERVE_MS / 4);
    expect(machine.storage.appends).toHaveLength(1);
    machine.storage.complete();
    machine.pass(RESERVE_MS / 4);
    expect(machine.storage.appends).toHaveLength(1);
    machine.storage.complete();
    const bytes = machine.storage.stored(CLOCK);
    expect(bytes === null ? null : decodeClockMemory(bytes)?.births).toEqual(machine.births);
    machine.pass(HOUR_MS);
    expect(machine.storage.appends).toHaveLength(0);
  });

  it("is written once by a member that mints nothing", () => {
    machine.ready();
    machine.pass(HOUR_MS);
    expect(machine.storage.appends).toHaveLength(0);
  });
});

describe("after a pause", () => {
  it("minting waits for one raise, which wakes all who wait", () => {
    machine.ready();
    machine.pass(10 * 60_000);
    const { minter, storage } = machine;
    expect(minter.mint(0)).toBe(0);
    minter.wait(machine);
    minter.wait(machine);
    expect([storage.appends.length, machine.woken]).toEqual([1, 1]);
    minter.wait(machine);
    storage.complete();
    expect([storage.appends.length, machine.woken]).toEqual([0, 4]);
    expect(minter.mint(0)).toBe(hlcOfMs(NOON + 10 * 60_000));
  });

  it("during the raise itself, whoever was woken waits once more", () => {
    machine.ready();
    machine.pass(60_000);
    const { minter, storage } = machine;
    const minted: number[] = [];
    const waiter = {
      onMintable(): void {
        const clock = minter.mint(0);
        if (clock === 0) minter.wait(waiter);
        else minted.push(clock);
      },
    };
    minter.wait(waiter);
    machine.pass(60_000);
    storage.complete();
    expect([minted, storage.appends.length]).toEqual([[], 1]);
    storage.complete();
    expect(minted).toEqual([hlcOfMs(NOON + 120_000)]);
  });

  it("before the first ceiling was stored, the run begins with the next one", () => {
    const { minter, storage } = machine;
    minter.start(machine);
    machine.pass(60_000);
    storage.complete();
    expect([minter.runStart, minter.mint(0)]).toEqual([0, 0]);
    minter.wait(machine);
    storage.complete();
    expect(minter.runStart).toBe(hlcOfMs(NOON + 60_000));
    expect(minter.mint(0)).toBe(minter.runStart + 1);
  });
});

describe("floors", () => {
  it("above the ceiling wait for a raise above themselves", () => {
    machine.ready();
    const floor = hlcOfMs(NOON + DEFAULT_LIMITS.maxClockDriftMs) + 5;
    expect(machine.minter.mint(floor)).toBe(0);
    machine.minter.wait(machine);
    machine.storage.complete();
    expect(machine.stored).toBeGreaterThan(floor);
    expect(machine.minter.mint(floor)).toBe(floor + 1);
  });

  it("above the ceiling are waited for once: the next ceiling leaves room above them", () => {
    machine.ready();
    const floor = hlcOfMs(NOON + DEFAULT_LIMITS.maxClockDriftMs);
    expect(machine.minter.mint(floor)).toBe(0);
    machine.minter.wait(machine);
    machine.storage.complete();
    expect(machine.minter.mint(floor)).toBeGreaterThan(floor);
  });
});

describe("runs", () => {
  it.each([-HOUR_MS, 0, HOUR_MS])("begin anew with each boot, %i ms off, and above all before", (step) => {
    machine.ready();
    const first = machine.minter.runStart;
    const last = machine.minter.mint(0);
    machine.reboot(step, false);
    machine.ready();
    expect(first).toBeLessThan(last);
    expect(machine.minter.runStart).toBeGreaterThan(last);
    expect(machine.minter.mint(0)).toBeGreaterThan(machine.minter.runStart);
  });

  it("begin when they are told to, above all that was minted, and last until the next", () => {
    machine.ready();
    const { minter } = machine;
    const boot = minter.runStart;
    const before = minter.mint(0);
    expect(minter.runStart).toBe(boot);
    const second = minter.beginRun();
    expect([second, minter.runStart]).toEqual([before + 1, before + 1]);
    expect(minter.mint(0)).toBe(second + 1);
    expect(minter.beginRun()).toBe(second + 2);
  });

  it("do not change when a new one has to wait for the ceiling", () => {
    machine.ready();
    const { minter } = machine;
    const boot = minter.runStart;
    machine.pass(60_000);
    expect([minter.beginRun(), minter.runStart]).toEqual([0, boot]);
    minter.wait(machine);
    machine.storage.complete();
    expect(minter.runStart).toBe(boot);
    expect(minter.beginRun()).toBe(hlcOfMs(NOON + 60_000));
  });
});

it("a minter that is told of a failed append, or of rows, stops the member", () => {
  machine.minter.start(machine);
  const failure = { code: "EIO", text: "lost" };
  expect(() => machine.minter.onStored(0, failure)).toThrow(AssertionError);
  expect(() => machine.minter.onRows()).toThrow(AssertionError);
});

type Step =
  | { kind: "pass"; ms: number }
  | { kind: "mint"; ahead: number }
  | { kind: "wait" }
  | { kind: "complete" }
  | { kind: "run" }
  | { kind: "reboot"; wallStepMs: number; reached: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("pass" as const), ms: fc.oneof(fc.nat(1_000), fc.nat(120_000)) }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("mint" as const),
      ahead: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -40_000_000, max: 40_000_000 })),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "wait" as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: "complete" as const }) },
  fc.constant({ kind: "run" as const }),
  fc.record({
    kind: fc.constant("reboot" as const),
    wallStepMs: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
    reached: fc.boolean(),
  }),
);

/** What a step minted: a dot's clock or a run's start; 0 for nothing. */
function take(world: Machine, action: Step): number {
  const { minter, clock } = world;
  if (action.kind === "pass") world.pass(action.ms);
  else if (action.kind === "complete") world.storage.complete();
  else if (action.kind === "wait") minter.wait(world);
  else if (action.kind === "run") return minter.beginRun();
  else if (action.kind === "mint") {
    const floor = Math.max(0, clock.reading() + action.ahead);
    if (clock.tooFarAhead(floor)) return 0;
    const minted = minter.mint(floor);
    assert(minted === 0 || (minted > floor && minted > minter.runStart), "a dot is above its floor and run");
    return minted;
  } else {
    world.reboot(action.wallStepMs, action.reached);
    world.minter.start(world);
  }
  return 0;
}

it("through crashes, pauses and steps of the wall, all clocks rise below what is stored", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new Machine();
      let highest = 0;
      let run = 0;
      world.minter.start(world);
      for (const action of steps) {
        const before = highest;
        const minted = take(world, action);
        if (minted !== 0) {
          expect(minted).toBeGreaterThan(before);
          expect(minted).toBeLessThanOrEqual(world.stored);
          highest = minted;
        }
        const { runStart } = world.minter;
        if (runStart === 0 || runStart === run) continue;
        // A new run begins above every clock before it, in this boot or any other.
        expect(runStart).toBeGreaterThan(before);
        expect(runStart).toBeLessThanOrEqual(world.stored);
        run = runStart;
        highest = Math.max(highest, runStart);
      }
      // A raise that was under way already may be too low by now; one that is begun at rest never is.
      const { woken } = world;
      for (let i = 0; i < 2; i++) {
        world.minter.wait(world);
        world.storage.completeAll();
      }
      expect(world.woken).toBeGreaterThanOrEqual(woken + 2);
      expect(world.minter.mint(0)).toBeGreaterThan(highest);
    }),
  );
});
