/**
 * What goes on while members are gone. Faults are told to have happened when the supervisor says so, which is a
 * little after they did, so a slow machine makes these tests easier and never harder to pass.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { pause } from "./patience.fixture.ts";
import { Prober, type Probe } from "./prober.fixture.ts";

/** From so long after the fault on, whatever is begun succeeds. */
const WITHIN_MS = 1_000;
/** And that for so long, and until every kind of request has been seen. */
const FOR_MS = 3_000;
/** A definite answer comes at once; this is far from the 5 s of the timeout and leaves room for a slow machine. */
const AT_ONCE_MS = 2_500;

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(25_000);
}, 120_000);
afterEach(async () => {
  // Whatever a failed test has left paused or dead.
  await Promise.allSettled(cluster.members.map((member) => cluster.do("resume", member)));
  await Promise.allSettled(cluster.members.map((member) => cluster.do("start", member)));
  await cluster.serves();
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

function failed(probes: readonly Probe[]): string[] {
  return probes
    .filter(({ outcome }) => outcome !== "acked")
    .map(({ through, kind, key, firstHome, code, startMs, tookMs }) => {
      return `at ${Math.round(startMs - (probes[0]?.startMs ?? 0))} ms ${kind} of ${key} (first home ${firstHome}) through ${through}: ${code} after ${Math.round(tookMs)} ms`;
    });
}

function median(probes: readonly Probe[]): number {
  const sorted = probes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function report(what: string, faultMs: number, probes: readonly Probe[]): void {
  const hurt = probes.filter(({ startMs, outcome }) => startMs >= faultMs - WITHIN_MS && outcome !== "acked");
  const lastMs = Math.max(0, ...hurt.map(({ startMs }) => startMs - faultMs));
  const after = probes.filter(({ startMs }) => startMs >= faultMs + WITHIN_MS);
  const slowest = Math.max(0, ...after.map(({ tookMs }) => tookMs));
  const codes = [...new Set(hurt.map(({ code }) => code))].join(" ");
  console.log(
    `${what}: ${hurt.length} requests failed (${codes}), the last begun ${Math.round(lastMs)} ms after the fault; ` +
      `then ${after.length} requests, the median ${median(after).toFixed(1)} ms, the slowest ${slowest.toFixed(0)} ms`,
  );
}

describe("with one of three members gone", () => {
  test.each([
    ["killed", "kill", "start", 1, FOR_MS],
    ["killed", "kill", "start", 2, FOR_MS],
    ["paused", "pause", "resume", 3, FOR_MS],
    // Longer than any request may take: what waits in its sockets must not be carried out when it returns.
    ["paused for long", "pause", "resume", 1, 5_500],
  ] as const)("%s: reads and writes go on within a second", async (how, fault, mend, victim, forMs) => {
    const survivors = cluster.others(victim);
    const prober = await Prober.make(cluster);
    await prober.run(survivors);
    await pause(300);
    await cluster.do(fault, victim);
    const faultMs = performance.now();
    await pause(WITHIN_MS + forMs);
    await prober.covers(survivors, faultMs + WITHIN_MS, cluster.members);

    // It comes back under load, and reads through everybody are fresh from its first answer on.
    await cluster.do(mend, victim);
    await prober.readAll(survivors);
    await cluster.serves();
    await prober.rest();
    report(`member ${victim} ${how}`, faultMs, prober.probes);
    await prober.readAll(cluster.members);

    const after = prober.since(faultMs + WITHIN_MS);
    expect(failed(after)).toEqual([]);
    expect(median(after)).toBeLessThan(WITHIN_MS / 2);
    expect(prober.stale).toEqual([]);
    expect(await prober.complaints()).toEqual([]);
    expect(cluster.died()).toEqual([]);
  });

  test("back from what it missed, no read at R = 2 is stale, through whomever", async () => {
    const prober = await Prober.make(cluster);
    await cluster.do("kill", 2);
    await prober.run(cluster.others(2));
    await pause(1_500);
    await prober.rest();
    const faultMs = performance.now();
    await cluster.do("start", 2);
    await prober.readAll(cluster.members);
    expect(prober.stale).toEqual([]);
    expect(failed(prober.since(faultMs).filter(({ through }) => through !== 2))).toEqual([]);
    await cluster.serves();
    expect(await prober.complaints()).toEqual([]);
  });
});

describe("with two of three members gone", () => {
  test.each([
    ["both killed", ["kill", "kill"], ["start", "start"], [1, 2]],
    ["one killed, one paused", ["kill", "pause"], ["start", "resume"], [2, 3]],
    ["both paused", ["pause", "pause"], ["resume", "resume"], [3, 1]],
  ] as const)("%s: every request ends in a definite QUORUM at once", async (_how, faults, mends, victims) => {
    const survivors = cluster.others(...victims);
    const prober = await Prober.make(cluster);
    await prober.run(survivors);
    await Promise.all(victims.map((victim, index) => cluster.do(faults[index] ?? "kill", victim)));
    const faultMs = performance.now();
    await pause(WITHIN_MS + FOR_MS / 2);
    await prober.covers(survivors, faultMs + WITHIN_MS, cluster.members);
    await prober.rest();

    const after = prober.since(faultMs + WITHIN_MS);
    expect(new Set(after.map(({ code }) => code))).toEqual(new Set(["QUORUM"]));
    expect(Math.max(...after.map(({ tookMs }) => tookMs))).toBeLessThan(AT_ONCE_MS);
    expect(median(after)).toBeLessThan(AT_ONCE_MS / 10);

    await Promise.all(victims.map((victim, index) => cluster.do(mends[index] ?? "start", victim)));
    await cluster.serves();
    const healedMs = performance.now();
    await prober.run(cluster.members);
    await prober.covers(cluster.members, healedMs, cluster.members);
    await prober.rest();
    expect(failed(prober.since(healedMs))).toEqual([]);
    expect(prober.stale).toEqual([]);
    expect(await prober.complaints()).toEqual([]);
  });
});
