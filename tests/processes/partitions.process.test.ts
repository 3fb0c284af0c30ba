/**
 * What goes on while links between members are cut: silence, not the end of a connection. A cut is told to have
 * happened when the supervisor says so, which is a little after it did.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { pause } from "./patience.fixture.ts";
import { Prober, type Probe } from "./prober.fixture.ts";

/** From so long after the cut on, whatever is begun has found its way. */
const WITHIN_MS = 1_000;
const FOR_MS = 2_000;
/** A definite answer comes at once; this is far from the 5 s of the timeout and leaves room for a slow machine. */
const AT_ONCE_MS = 2_500;

let cluster: LocalCluster;
const probers: Prober[] = [];
beforeAll(async () => {
  cluster = await LocalCluster.start(23_000);
}, 120_000);
afterEach(async () => {
  for (const prober of probers.splice(0)) await prober.rest();
  await cluster.heal();
  await Promise.allSettled(cluster.members.map((member) => cluster.do("start", member)));
  await cluster.serves();
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

function failed(probes: readonly Probe[]): string[] {
  return probes
    .filter(({ outcome }) => outcome !== "acked")
    .map(({ through, kind, key, firstHome, code, tookMs }) => {
      return `${kind} of ${key} (first home ${firstHome}) through ${through}: ${code} after ${Math.round(tookMs)} ms`;
    });
}

/** Fresh requests through everybody, until the test ends at the latest. */
async function probe(): Promise<Prober> {
  const prober = await Prober.make(cluster);
  probers.push(prober);
  await prober.run(cluster.members);
  return prober;
}

/** Heals under load; then everything succeeds everywhere, and nothing that was acknowledged is missing or stale. */
async function expectWhole(prober: Prober): Promise<void> {
  await cluster.heal();
  await cluster.serves();
  const healedMs = performance.now();
  await prober.covers(cluster.members, healedMs, cluster.members);
  await prober.rest();
  expect(failed(prober.since(healedMs))).toEqual([]);
  expect(prober.stale).toEqual([]);
  expect(await prober.complaints()).toEqual([]);
  expect(cluster.died()).toEqual([]);
}

test("two that do not hear each other: reads and writes go on through everybody", async () => {
  const prober = await probe();
  await pause(300);
  await cluster.cut(1, 2);
  const cutMs = performance.now();
  await pause(WITHIN_MS + FOR_MS);
  await prober.covers(cluster.members, cutMs + WITHIN_MS, cluster.members);
  const probes = prober.since(cutMs + WITHIN_MS);
  await expectWhole(prober);
  expect(failed(probes)).toEqual([]);
});

test("one that is alone says QUORUM at once, and the others go on, also when it is killed and started meanwhile", async () => {
  const prober = await probe();
  await cluster.cut(1, 3);
  await cluster.cut(2, 3);
  const cutMs = performance.now();
  await pause(WITHIN_MS + FOR_MS);
  // What the cut met under way ends with its deadline only; what begins later is told at once.
  await prober.covers(cluster.members, cutMs + WITHIN_MS, cluster.members);
  const probes = prober.since(cutMs + WITHIN_MS);
  const alone = probes.filter(({ through }) => through === 3);
  expect(new Set(alone.map(({ code }) => code))).toEqual(new Set(["QUORUM"]));
  expect(Math.max(...alone.map(({ tookMs }) => tookMs))).toBeLessThan(AT_ONCE_MS);
  expect(failed(probes.filter(({ through }) => through !== 3))).toEqual([]);
  await prober.rest();

  // Who starts on either side of a cut finds it there: the one who calls, and the one who is called.
  for (const victim of [3, 1]) {
    await cluster.do("kill", victim);
    await cluster.do("start", victim);
  }
  await cluster.serves([1, 2]);
  const againMs = performance.now();
  await prober.run(cluster.members);
  await prober.covers(cluster.members, againMs, cluster.members);
  const again = prober.since(againMs);
  await expectWhole(prober);
  expect(new Set(again.filter(({ through }) => through === 3).map(({ code }) => code))).toEqual(
    new Set(["QUORUM"]),
  );
});

test("one that is not heard by another, but hears it: reads and writes go on through everybody", async () => {
  const prober = await probe();
  await pause(300);
  await cluster.cut(1, 2, true);
  const cutMs = performance.now();
  await pause(WITHIN_MS + FOR_MS);
  await prober.covers(cluster.members, cutMs + WITHIN_MS, cluster.members);
  const probes = prober.since(cutMs + WITHIN_MS);
  await expectWhole(prober);
  expect(failed(probes)).toEqual([]);
});

test("a link that is healed soon goes on as if nothing had been", async () => {
  const prober = await probe();
  for (const [from, to] of [
    [1, 2],
    [2, 3],
    [3, 1],
  ] as const) {
    await cluster.cut(from, to);
    await pause(300);
    await cluster.heal();
  }
  await expectWhole(prober);
});
