import { expect, test } from "vitest";
import { TurnShare, TurnShares } from "./turn-shares.ts";

function setUp(limits: Partial<TurnShares["limits"]> = {}) {
  const clock = { nowMs: 1000 };
  const bounds = { turnMsMax: 4, turnModestMsMax: 4, turnShareMax: 16, turnShareMsMax: 0.25, ...limits };
  return { clock, shares: new TurnShares(bounds, () => clock.nowMs) };
}

/** How many commands a connection may run now, at most `most`; `each` is what one of them does. */
function runs(shares: TurnShares, share: TurnShare, most: number, each: () => unknown = () => null): number {
  let count = 0;
  share.enter(shares);
  while (count < most && share.take(shares)) {
    count++;
    each();
  }
  share.leave(shares);
  return count;
}

test.each([
  [15, 15],
  [16, 16],
  [17, 16],
])("of %d commands in a turn that is long already, %d run", (asked, ran) => {
  const { shares } = setUp({ turnMsMax: 0 });
  const share = new TurnShare();
  expect(runs(shares, share, asked)).toBe(ran);
  // What it could not have it does not get in the same turn.
  expect(runs(shares, share, 100)).toBe(16 - ran);
});

test("everybody modest gets a share, whoever came first", () => {
  const { clock, shares } = setUp();
  const ran = runs(shares, new TurnShare(), 1_000_000, () => (clock.nowMs += 0.01));
  expect(ran).toBeGreaterThanOrEqual(400);
  expect(ran).toBeLessThan(450);
  expect(shares.isLong()).toBe(true);
  for (let i = 0; i < 5; i++) expect(runs(shares, new TurnShare(), 100)).toBe(16);
});

test("who had more than a share when it was last served waits while a turn is long, and goes on when it is not", () => {
  const { clock, shares } = setUp();
  const greedy = new TurnShare();
  const modest = new TurnShare();
  expect(runs(shares, greedy, 17)).toBe(17);
  expect(runs(shares, modest, 16)).toBe(16);
  const other = new TurnShare();
  for (let turn = 0; turn < 3; turn++) {
    shares.end();
    runs(shares, other, 1, () => (clock.nowMs += 5));
    runs(shares, new TurnShare(), 16);
    expect([runs(shares, greedy, 17), runs(shares, modest, 16)]).toEqual([0, 16]);
  }
  shares.end();
  expect(runs(shares, greedy, 5)).toBe(5);
  shares.end();
  runs(shares, other, 16, () => (clock.nowMs += 5));
  expect(runs(shares, greedy, 5)).toBe(5);
});

test("who has queued gets a share whatever it had before", () => {
  const { shares } = setUp({ turnMsMax: 0 });
  const greedy = new TurnShare();
  expect(runs(shares, greedy, 17)).toBe(16);
  shares.end();
  expect(runs(shares, greedy, 17)).toBe(0);
  shares.end();
  greedy.enter(shares, true);
  expect(runs(shares, greedy, 17)).toBe(16);
});

test.each([
  [false, 100],
  [true, 16],
])("in a young turn, others queue: %s, so a pipeline of 100 gets %d", (isCrowded, ran) => {
  const { shares } = setUp();
  shares.isCrowded = isCrowded;
  expect(runs(shares, new TurnShare(), 100)).toBe(ran);
});

test("who asks one thing that takes long is greedy too", () => {
  const { clock, shares } = setUp({ turnMsMax: 1 });
  const slow = new TurnShare();
  expect(runs(shares, slow, 1, () => (clock.nowMs += 2))).toBe(1);
  shares.end();
  expect(shares.isLong()).toBe(false);
  clock.nowMs += 2;
  expect(shares.isLong()).toBe(true);
  expect(runs(shares, slow, 1)).toBe(0);
});

test("a young turn lets a pipeline pass whole", () => {
  const { shares } = setUp();
  expect(runs(shares, new TurnShare(), 100_000)).toBe(100_000);
});

test("a share of slow commands is short, and never less than one", () => {
  const { clock, shares } = setUp({ turnMsMax: 0 });
  expect(runs(shares, new TurnShare(), 100, () => (clock.nowMs += 0.1))).toBe(3);
  expect(runs(shares, new TurnShare(), 100, () => (clock.nowMs += 50))).toBe(1);
});

test("while modest ones are about a turn is long sooner", () => {
  const { clock, shares } = setUp({ turnModestMsMax: 1 });
  const isLongAfter = (ms: number): boolean => {
    shares.end();
    shares.isLong();
    clock.nowMs += ms;
    return shares.isLong();
  };
  expect([isLongAfter(3.9), isLongAfter(4)]).toEqual([false, true]);
  runs(shares, new TurnShare(), 1);
  expect([isLongAfter(0.9), isLongAfter(1)]).toEqual([false, true]);
  clock.nowMs += 50;
  expect(isLongAfter(3.9)).toBe(false);
});

test("greedy ones are not modest, and neither is who has more to ask than it may have under way", () => {
  const { clock, shares } = setUp();
  const [pipeline, heldBack] = [new TurnShare(), new TurnShare()];
  runs(shares, pipeline, 17);
  heldBack.enter(shares);
  heldBack.take(shares);
  heldBack.leave(shares, true);
  expect([pipeline.isGreedy, heldBack.isGreedy, shares.isModestAbout(clock.nowMs)]).toEqual([
    true,
    true,
    false,
  ]);
  // It is modest again when it has been so for a turn.
  for (let turn = 0; turn < 2; turn++) {
    shares.end();
    runs(shares, pipeline, 1);
  }
  expect([pipeline.isGreedy, shares.isModestAbout(clock.nowMs)]).toEqual([false, true]);
});
