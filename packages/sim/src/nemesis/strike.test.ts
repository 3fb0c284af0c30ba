import { Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import type { Breakable } from "./dev-cluster.ts";
import { drawStep, STRIKE_KINDS, strikeText, type Step } from "./strike.ts";
import { Strikes } from "./strikes.ts";

const members = [1, 2, 3];

function steps(seed: number, count: number, of = members, holdMsMax = 10_000): Step[] {
  const random = new Prng(seed);
  return Array.from({ length: count }, () => drawStep(random, of, holdMsMax));
}

test("a seed draws the same strikes, and two seeds do not", () => {
  expect(steps(1, 20)).toEqual(steps(1, 20));
  expect(steps(1, 20)).not.toEqual(steps(2, 20));
});

test("every kind comes, bounded in time, at members that exist, and some overlap", () => {
  for (const of of [members, [1, 2, 3, 4, 5]]) {
    const all = steps(3, 400, of);
    const strikes = all.flatMap((step) => step.strikes);
    expect(new Set(strikes.map(({ kind }) => kind))).toEqual(new Set(STRIKE_KINDS));
    const overlapping = all.filter((step) => step.strikes.length === 2).length;
    expect(overlapping).toBeGreaterThan(40);
    expect(overlapping).toBeLessThan(160);
    for (const strike of strikes) {
      const { holdMs, killed, paused, cuts } = strike;
      expect(holdMs).toBeGreaterThanOrEqual(100);
      expect(holdMs).toBeLessThanOrEqual(10_000);
      const whom = [...killed, ...paused, ...cuts.flatMap(({ from, to }) => [from, to])];
      expect(whom.length).toBeGreaterThan(0);
      expect(whom.every((member) => of.includes(member))).toBe(true);
      expect(cuts.every(({ from, to }) => from !== to)).toBe(true);
      expect(strikeText(strike)).toContain(strike.kind);
    }
  }
});

/** What is broken at the moment. */
class Ledger implements Breakable {
  readonly members = members;
  readonly broken = new Set<string>();
  done = 0;

  readonly kill = (member: number) => this.#break(`dead ${member}`);
  readonly start = (member: number) => this.#mend(`dead ${member}`);
  readonly pause = (member: number) => this.#break(`paused ${member}`);
  readonly resume = (member: number) => this.#mend(`paused ${member}`);
  readonly cut = (a: number, b: number) => this.#break(`cut ${Math.min(a, b)} ${Math.max(a, b)}`);
  readonly heal = (a: number, b: number) => this.#mend(`cut ${Math.min(a, b)} ${Math.max(a, b)}`);

  #break(what: string): Promise<void> {
    this.done++;
    this.broken.add(what);
    return Promise.resolve();
  }

  #mend(what: string): Promise<void> {
    this.broken.delete(what);
    return Promise.resolve();
  }
}

test("whatever is broken is mended, at the latest when it is over", async () => {
  const cluster = new Ledger();
  const lines: string[] = [];
  const over = new AbortController();
  const strikes = new Strikes({
    cluster,
    random: new Prng(5),
    holdMsMax: 60_000,
    nowUs: () => performance.now() * 1000,
    log: (text) => lines.push(text),
  });
  const running = strikes.run(over.signal);
  while (cluster.done === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(cluster.broken.size).toBeGreaterThan(0);
  over.abort();
  await running;
  expect(cluster.broken.size).toBe(0);
  expect(strikes.struck.length).toBeGreaterThan(0);
  expect(strikes.struck.every(({ toUs }) => toUs < Infinity)).toBe(true);
  expect(lines.some((line) => line.startsWith("mended: "))).toBe(true);
});
