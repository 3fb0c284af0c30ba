/**
 * How much memory each hostile act takes of a member in a process of its own, and how long it keeps the event loop:
 * medians and ranges over KVORUM_SOAK_ROUNDS rounds, with a round of nothing between, which shows what the machine
 * adds by itself. Only crashes, silence and memory fail.
 */
import { setTimeout as later } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { HOSTILE_ACTS, type HostileAct } from "./hostile-acts.fixture.ts";
import { HostileStand, type Harm } from "./hostile-stand.fixture.ts";

const rounds = Number(process.env["KVORUM_SOAK_ROUNDS"] ?? 5);
const MIB = 1 << 20;

const NOTHING: HostileAct = { name: "(nothing, for a second)", act: () => later(1000) };

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const text = [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((value) => (value ?? 0).toFixed(1));
  return `${text[0]} (${text[1]} to ${text[2]})`;
}

test(`${rounds} rounds of every hostile act`, async () => {
  const stand = await HostileStand.start(39_060);
  onTestFinished(() => stand.dispose(), 60_000);
  const harms = new Map<string, Harm[]>();
  for (let round = 0; round < rounds; round++) {
    for (const act of [NOTHING, ...HOSTILE_ACTS]) {
      const harm = await stand.measure(act);
      expect([act.name, harm.isServed, stand.member.lives]).toEqual([act.name, true, true]);
      harms.set(act.name, [...(harms.get(act.name) ?? []), harm]);
    }
  }
  const lines = [...harms].map(([name, each]) => {
    const held = spread(each.map(({ standingBytes }) => standingBytes / MIB));
    const peak = spread(each.map(({ peakBytes }) => peakBytes / MIB));
    const delay = spread(each.map(({ delayMs }) => delayMs));
    return `${name}: ${held} MiB held, ${peak} MiB at the peak, loop kept ${delay} ms`;
  });
  console.log(lines.join("\n"));
  const greedy = [...harms].filter(([, each]) => each.some(({ standingBytes }) => standingBytes > 8 * MIB));
  expect(greedy.map(([name]) => name)).toEqual([]);
});
