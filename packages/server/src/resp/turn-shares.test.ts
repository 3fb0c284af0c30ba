import { expect, test } from "vitest";
import { TurnShare, TurnShares } from "./turn-shares.ts";

function setUp(limits: { turnMsMax?: number; turnShareMax?: number; turnShareMsMax?: number }) {
  const clock = { nowMs: 1000 };
  const bounds = { turnMsMax: 4, turnShareMax: 16, turnShareMsMax: 0.25, ...limits };
  return { clock, shares: new TurnShares(bounds, () => clock.nowMs) };
}

/** How many commands a connection may run now, at most `most`; each takes so long. */
function runs(shares: TurnShares, share: TurnShare, most: number, each = () => undefined): number {
  let count = 0;
  while (count < most && share.take(shares)) {
    count++;
    each();
  }
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
  shares.end();
  expect(runs(shares, share, asked)).toBe(ran);
});

test("everybody gets a share, whoever came first", () => {
  const { clock, shares } = setUp({});
  const greedy = new TurnShare();
  const ran = runs(shares, greedy, 1_000_000, () => void (clock.nowMs += 0.01));
  expect(ran).toBeGreaterThanOrEqual(400);
  expect(ran).toBeLessThan(450);
  for (let i = 0; i < 5; i++) expect(runs(shares, new TurnShare(), 100)).toBe(16);
});

test("a young turn lets a pipeline pass whole", () => {
  const { shares } = setUp({});
  expect(runs(shares, new TurnShare(), 100_000)).toBe(100_000);
});

test("a share of slow commands is short, and never less than one", () => {
  const { clock, shares } = setUp({ turnMsMax: 0 });
  expect(runs(shares, new TurnShare(), 100, () => void (clock.nowMs += 0.1))).toBe(3);
  expect(runs(shares, new TurnShare(), 100, () => void (clock.nowMs += 50))).toBe(1);
});
