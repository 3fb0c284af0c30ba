/** Writes with fallbacks allowed: who takes them in place of homes, what is told of it, and how homes come to have them. */
import { describe, expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { DEFAULT_LIMITS, type Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import { ALL } from "../quorum/needed.ts";
import { hintKey, recordKey } from "../storage/keyspace.ts";
import { slotOf } from "../ring/slot.ts";
import { latin1Decode } from "../base/utf8.ts";
import { TestCluster } from "./cluster.fixture.ts";

const KEY = "k";
const ALLOW = { fallbacks: "allow" } as const;

function sloppy(members: number, limits: Partial<Limits> = {}): TestCluster {
  return new TestCluster(members, { hintsMax: DEFAULT_LIMITS.hintsMax, fallbacksMax: 3, ...limits });
}

function placeOf(cluster: TestCluster): { homes: readonly MemberId[]; fallbacks: readonly MemberId[] } {
  return cluster.explain(1, KEY);
}

function isolate(cluster: TestCluster, ids: readonly MemberId[]): void {
  for (const id of ids) {
    for (const other of cluster.members) if (other.id !== id) cluster.cut(id, other.id);
  }
}

function copiesAt(cluster: TestCluster, holder: MemberId): number {
  const all = cluster.at(holder).member?.status().upkeep.hints ?? [];
  return all.reduce((sum, { copies }) => sum + copies, 0);
}

function copyRow(target: MemberId): string {
  const key = latin1Encode(KEY);
  return latin1Decode(hintKey("record", target, recordKey(slotOf(key), 1, key)));
}

describe("a home that cannot be reached", () => {
  it("is stood in for only as far as the homes are too few", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, b = 0, c = 0] = homes;
    isolate(cluster, [c]);
    expect(cluster.set(a, KEY, "v", { w: 2, ...ALLOW }).receipt).toMatchObject({
      homes: [a, b],
      fallbacks: [],
    });
    const receipt = cluster.set(a, KEY, "w", { w: 3, ...ALLOW }).receipt;
    expect(receipt).toMatchObject({ fallbacks: [fallbacks[0]], w: 3, fsynced: 3 });
    expect(new Set(receipt?.homes)).toEqual(new Set([a, b]));
    expect(receipt?.zones).toHaveLength(3);
    expect(cluster.set(a, KEY, "x", { w: 3, fallbacks: "deny" }).code).toBe("QUORUM");
  });

  it("gets what was kept in its place when it is back, and then nobody keeps it", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    const [d = 0] = fallbacks;
    isolate(cluster, [c]);
    expect(cluster.set(a, KEY, "v", { w: 3, ...ALLOW }).code).toBe("OK");
    expect(copiesAt(cluster, d)).toBe(1);
    expect(cluster.at(d).storage.rows.has(copyRow(c))).toBe(true);
    // A fallback's copy is no answer to anybody, and counts towards no R.
    expect(cluster.get(a, KEY, ALL).code).toBe("QUORUM");
    cluster.heal();
    cluster.run(3_000);
    expect(cluster.explain(a, KEY)).toMatchObject({ equal: true });
    expect(cluster.values(c, KEY, ALL)).toEqual(["v"]);
    expect(copiesAt(cluster, d)).toBe(0);
    expect(cluster.at(d).storage.rows.has(copyRow(c))).toBe(false);
  });

  it("gets it also when the holder was killed meanwhile", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    const [d = 0] = fallbacks;
    isolate(cluster, [c]);
    expect(cluster.set(a, KEY, "v", { w: 3, ...ALLOW }).code).toBe("OK");
    cluster.at(d).crash();
    cluster.at(d).boot();
    cluster.run(500);
    expect(copiesAt(cluster, d)).toBe(1);
    cluster.heal();
    cluster.run(3_000);
    expect(cluster.explain(a, KEY).equal).toBe(true);
    expect(copiesAt(cluster, d)).toBe(0);
  });
});

describe("a home that does not answer in time", () => {
  it("is stood in for, long before the deadline", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    cluster.at(c).storage.held = true;
    const answer = cluster.put(a, KEY, "v", { w: 3, timeoutMs: 5_000, ...ALLOW });
    cluster.run(200);
    expect(answer.result).toBeNull();
    cluster.run(200);
    expect(answer.result?.receipt).toMatchObject({ fallbacks: [fallbacks[0]] });
  });

  it("counts when it answers after all", () => {
    const cluster = sloppy(5);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    for (const id of [c, ...fallbacks]) cluster.at(id).storage.held = true;
    const answer = cluster.put(a, KEY, "v", { w: 3, timeoutMs: 5_000, ...ALLOW });
    cluster.run(400);
    expect(answer.result).toBeNull();
    cluster.at(c).storage.held = false;
    cluster.run(100);
    expect(answer.result?.receipt).toMatchObject({ fallbacks: [] });
  });
});

describe("while no home can be reached", () => {
  it("fallbacks take writes, and all homes have them afterwards", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [d = 0, e = 0] = fallbacks;
    isolate(cluster, homes);
    // Nobody who can be asked knows whether there is something to remove.
    expect(cluster.remove(d, KEY, { w: 2, ...ALLOW }).code).toBe("QUORUM");
    const receipt = cluster.set(d, KEY, "v", { w: 2, ...ALLOW }).receipt;
    expect(receipt).toMatchObject({ coordinator: d, homes: [], fallbacks: [d, e] });
    expect(cluster.set(e, KEY, "w", { w: 2, ...ALLOW }).receipt).toMatchObject({ coordinator: d });
    expect(cluster.set(d, KEY, "x", { w: 2, fallbacks: "deny" }).code).toBe("QUORUM");
    const ifSeen = { context: cluster.get(1, KEY).token(), onlyIfSeen: true };
    expect(cluster.set(d, KEY, "y", { w: 2, ...ifSeen, ...ALLOW }).code).not.toBe("OK");
    cluster.heal();
    cluster.run(5_000);
    expect(cluster.explain(d, KEY).equal).toBe(true);
    expect(cluster.values(homes[0] ?? 0, KEY, ALL)).toEqual(["w"]);
    expect([d, e].map((holder) => copiesAt(cluster, holder))).toEqual([0, 0]);
  });

  it("row 3: what a fallback mints after a delivery claims nothing of what it minted before", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, b = 0, c = 0] = homes;
    const [d = 0] = fallbacks;
    isolate(cluster, homes);
    const first = cluster.set(d, KEY, "first", { w: 1, ...ALLOW }).receipt?.dot;
    const second = cluster.set(d, KEY, "second", { w: 1, ...ALLOW }).receipt?.dot;
    // One copy, one run.
    expect(second?.start).toBe(first?.start);
    cluster.heal();
    cluster.run(5_000);
    expect(copiesAt(cluster, d)).toBe(0);
    isolate(cluster, [a, b, c]);
    const third = cluster.set(d, KEY, "third", { w: 1, ...ALLOW }).receipt?.dot;
    expect(third?.start).toBeGreaterThan(second?.clock ?? Infinity);
    cluster.heal();
    cluster.run(5_000);
    // Neither had seen the other.
    expect(cluster.values(a, KEY, ALL)).toEqual(["second", "third"]);
  });
});

describe("a fallback", () => {
  it("row 19: past its cap refuses, and is not counted", () => {
    const cluster = sloppy(4, { hintsMax: 0 });
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    isolate(cluster, [c]);
    const result = cluster.set(a, KEY, "v", { w: 3, ...ALLOW });
    expect(result).toMatchObject({ code: "UNKNOWN" });
    expect(result.text).toContain("only 2 of the 3 homes or fallbacks asked for");
    const [d = 0] = fallbacks;
    expect(copiesAt(cluster, d)).toBe(0);
    isolate(cluster, homes);
    expect(cluster.set(d, KEY, "v", { w: 1, ...ALLOW })).toMatchObject({ code: "OVERLOADED" });
    const hints = cluster.at(d).member?.status().upkeep.hints ?? [];
    expect(hints.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
  });

  it("with a full disk refuses as well", () => {
    const cluster = sloppy(4);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    isolate(cluster, [c]);
    cluster.at(fallbacks[0] ?? 0).freeBytes = 0;
    expect(cluster.set(a, KEY, "v", { w: 3, ...ALLOW }).code).toBe("UNKNOWN");
  });

  it("gives a damaged copy up, and says so", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    const [d = 0] = fallbacks;
    isolate(cluster, [c]);
    expect(cluster.set(a, KEY, "v", { w: 3, ...ALLOW }).code).toBe("OK");
    const { rows } = cluster.at(d).storage;
    const row = copyRow(c);
    rows.set(
      row,
      (rows.get(row) ?? new Uint8Array()).map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    );
    cluster.at(d).crash();
    cluster.at(d).boot();
    cluster.run(500);
    cluster.heal();
    cluster.run(5_000);
    expect(cluster.at(d).notices).toContain("hint-damaged");
    expect(copiesAt(cluster, d)).toBe(0);
    expect(rows.has(row)).toBe(false);
  });
});

describe("row 17: a hint for a member that is no home any more", () => {
  it("goes to all homes at the next start of its holder", () => {
    const cluster = sloppy(6);
    const { homes, fallbacks } = placeOf(cluster);
    const [a = 0, , c = 0] = homes;
    const [d = 0, e = 0] = fallbacks;
    isolate(cluster, [c]);
    expect(cluster.set(a, KEY, "v", { w: 3, ...ALLOW }).code).toBe("OK");
    // As if c had given its place to somebody since: here e, which never was a home.
    const { rows } = cluster.at(d).storage;
    const row = rows.get(copyRow(c));
    expect(row).toBeDefined();
    rows.delete(copyRow(c));
    rows.set(copyRow(e), row ?? new Uint8Array());
    cluster.at(d).crash();
    cluster.at(d).boot();
    cluster.run(500);
    expect(rows.has(copyRow(e))).toBe(false);
    cluster.heal();
    cluster.run(3_000);
    expect(cluster.explain(a, KEY)).toMatchObject({ equal: true });
    expect(cluster.values(c, KEY, ALL)).toEqual(["v"]);
    expect(copiesAt(cluster, d)).toBe(0);
  });
});
