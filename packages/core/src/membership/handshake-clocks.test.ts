/** Clocks that are too far ahead, and whose fault it is. */
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { HLC_TICKS, hlcOfMs } from "../version/hlc.ts";
import { Stranger, aloneMember2, textOf } from "./stranger.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";
import { World } from "./world.fixture.ts";

const { maxClockDriftMs } = DEFAULT_LIMITS;

test("a clock too far ahead is refused, and only the member that has it stops coordinating", () => {
  const world = new World(13);
  const topology = topologyOf([1, 2, 3]);
  const aheadMs = 3_600_000;
  const a = world.start(1, { topology, wallOffsetMs: 0 });
  const b = world.start(2, { topology, wallOffsetMs: aheadMs });
  const c = world.start(3, { topology, wallOffsetMs: 0 });
  world.run(2000);
  expect(b.links.clockSuspended()).toBe(true);
  expect([a, c].map(({ links }) => links.clockSuspended())).toEqual([false, false]);
  expect(a.links.state(3)).toBe("up");
  for (const member of [a, c]) {
    expect(member.links.state(2)).toBe("refused");
    expect(member.links.reason(2)).toContain("ms ahead of our time, more than 10000 ms: check time");
    expect(textOf(member, "clock-drift")).toContain("the clock of member 2 (member-2) is 3");
    expect(member.toldNames().filter((name) => name === "clock-drift")).toHaveLength(1);
    expect(member.hlc.driftRefusals).toBeGreaterThan(1);
    expect(member.hlc.reading()).toBeLessThan(b.hlc.reading() - 3_000_000 * HLC_TICKS);
    expect(member.links.clockOffsetMs(2)).toBeCloseTo(aheadMs, -2);
    expect(b.links.clockOffsetMs(member.id)).toBeCloseTo(-aheadMs, -2);
  }
  expect(textOf(b, "clock-suspended")).toContain("coordinates no writes");
  b.crash();
  world.run(100);
  const again = world.start(2, { topology });
  world.run(3000);
  expect(again.links.clockSuspended()).toBe(false);
  expect(a.links.state(2)).toBe("up");
});

test("one peer of two far behind is not a majority", () => {
  const world = new World(14);
  const topology = topologyOf([1, 2, 3]);
  const a = world.start(1, { topology, wallOffsetMs: 0 });
  const b = world.start(2, { topology, wallOffsetMs: 0 });
  const behind = world.start(3, { topology, wallOffsetMs: -3_600_000 });
  world.run(2000);
  expect([a, b, behind].map(({ links }) => links.clockSuspended())).toEqual([false, false, false]);
  expect(behind.links.state(1)).toBe("refused");
});

test("drift up to the limit is followed, one more is refused", () => {
  for (const [overMs, refused] of [
    [-1, false],
    [0, false],
    [1, true],
  ] as const) {
    const member = aloneMember2();
    const clock = hlcOfMs(member.wallMs() + maxClockDriftMs + overMs);
    const stranger = new Stranger(member).hello({}, clock);
    expect(stranger.refusal.startsWith("CLOCK: ")).toBe(refused);
    expect(member.hlc.reading() === clock).toBe(!refused);
  }
});
