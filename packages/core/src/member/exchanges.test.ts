/** Homes that have missed something find it out by themselves, and mend it. */
import { describe, expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

function exchanging(limits: Partial<Limits> = {}, members = 3): TestCluster {
  return new TestCluster(members, { exchangeEveryMs: 500, ...limits });
}

/** What lies on a member's disk, by key. */
function records(cluster: TestCluster, id: number): Record<string, string> {
  const rows = [...cluster.at(id).storage.rows].filter(([key]) => isRecordKey(latin1Encode(key)));
  return Object.fromEntries(rows.map(([key, row]) => [key, latin1Decode(row)]));
}

function totals(cluster: TestCluster): { different: number; repaired: number } {
  const all = cluster.members.flatMap(({ member }) => member?.status().upkeep.exchanges ?? []);
  const sum = (of: (each: (typeof all)[number]) => number): number =>
    all.reduce((n, each) => n + of(each), 0);
  return { different: sum((each) => each.different), repaired: sum((each) => each.repaired) };
}

function expectLevel(cluster: TestCluster): void {
  const [first, ...others] = cluster.members.map(({ id }) => records(cluster, id));
  for (const other of others) expect(other).toEqual(first);
}

/** Member 1 misses some writes, which are overwrites, deletes and new keys. */
function missed(limits: Partial<Limits> = {}): TestCluster {
  const cluster = exchanging(limits);
  for (let i = 0; i < 30; i++) cluster.set(1, `key-${i}`, "old", { w: 3 });
  cluster.at(1).crash();
  cluster.run(700);
  for (let i = 0; i < 10; i++) cluster.set(2, `key-${i}`, "new");
  for (let i = 10; i < 15; i++) cluster.remove(2, `key-${i}`);
  for (let i = 0; i < 5; i++) cluster.set(2, `other-${i}`, "other");
  cluster.at(1).boot();
  return cluster;
}

describe("an exchange", () => {
  test("brings a home that was away level with the others, and then there is nothing to do", () => {
    const cluster = missed();
    cluster.run(4_000);
    expectLevel(cluster);
    expect(cluster.values(1, "key-3", 1)).toEqual(["new"]);
    expect(cluster.values(1, "key-12", 1)).toEqual([]);
    const before = totals(cluster);
    expect(before.different).toBeGreaterThanOrEqual(20);
    cluster.run(10_000);
    expect(totals(cluster)).toEqual(before);
  });

  test("merges what both sides of a cut have written, both ways", () => {
    const cluster = exchanging();
    const key = keyAt(cluster, 1);
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    cluster.run(700);
    cluster.set(1, key, "one", { w: 1 });
    cluster.set(2, key, "two");
    cluster.set(1, "{lone}1", "lone", { w: 1 });
    cluster.heal();
    cluster.run(5_000);
    expectLevel(cluster);
    for (const id of [1, 2, 3]) expect(cluster.values(id, key, 1)).toEqual(["one", "two"]);
  });

  test("has a proof of every partition and pair, and its age", () => {
    const cluster = missed();
    const status = () => cluster.at(2).member?.status().upkeep.exchanges ?? [];
    expect(status().map(({ peer }) => peer)).toEqual([1, 3]);
    const never = new TestCluster(3).at(2).member?.status().upkeep.exchanges ?? [];
    // Since the start, nothing is known.
    expect(never[0]).toMatchObject({ name: "member-1", proven: 0, oldestProofMs: 500, lastCode: "" });
    cluster.run(5_000);
    for (const { partitions, proven, oldestProofMs, lastCode } of status()) {
      expect([partitions, proven, lastCode]).toEqual([16, 16, "OK"]);
      expect(oldestProofMs).toBeLessThan(1_500);
    }
    cluster.cut(1, 2);
    cluster.run(5_000);
    expect(status()[0]?.oldestProofMs).toBeGreaterThan(4_500);
    expect(status()[1]?.oldestProofMs).toBeLessThan(1_500);
  });

  test("of equal trees is one question and its answer", () => {
    const cluster = exchanging();
    for (let i = 0; i < 300; i++) cluster.set(1, `key-${i}`, "v", { w: 3 });
    cluster.run(3_000);
    const before = cluster.at(1).member?.status().upkeep.exchanges[0];
    cluster.run(5_000);
    const after = cluster.at(1).member?.status().upkeep.exchanges[0];
    const count = (after?.exchanges ?? 0) - (before?.exchanges ?? 0);
    expect(count).toBeGreaterThan(5);
    expect(((after?.bytes ?? 0) - (before?.bytes ?? 0)) / count).toBeLessThan(16 * 25);
  });

  test("finds a record that is damaged on one disk, and it is replaced", () => {
    const cluster = exchanging({ valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
    const key = keyAt(cluster, 1);
    for (const each of [key, "other"]) cluster.set(1, each, "v", { w: 3 });
    cluster.at(1).crash();
    const { rows } = cluster.at(1).storage;
    for (const [name, row] of rows) {
      if (name.endsWith(key)) rows.set(name, flipped(row));
      // Its sums are not to be believed either, so that its slot is read.
      if (name === "\u0001trees") rows.delete(name);
    }
    cluster.at(1).boot();
    cluster.run(5_000);
    expect(cluster.at(1).notices).toContain("record-healed");
    expect(cluster.values(1, key, 1)).toEqual(["v"]);
  });

  test("goes through a leaf of more than one page", () => {
    const cluster = exchanging();
    cluster.at(1).crash();
    cluster.run(700);
    const rows = cluster.at(2).storage.rows;
    // One slot, and as many leaves as there are: their rows need several questions.
    for (let i = 0; i < 1_500; i++) cluster.put(2, `{big}${i}`, "x".repeat(300), { wantReceipt: false });
    cluster.pump();
    cluster.run(200);
    expect(rows.size).toBeGreaterThan(1_500);
    cluster.at(1).boot();
    cluster.run(8_000);
    expect(Object.keys(records(cluster, 1))).toHaveLength(1_500);
    expectLevel(cluster);
  });
});

test("trees know after a restart what they knew before", () => {
  const cluster = exchanging({ treeWriteEveryMs: 1_000 });
  for (let i = 0; i < 50; i++) cluster.set(1, `key-${i}`, "v", { w: 3 });
  cluster.run(3_000);
  cluster.at(1).crash();
  cluster.at(1).boot();
  const { storage } = cluster.at(1);
  const before = storage.rangesRead;
  cluster.run(50);
  expect(cluster.at(1).member?.status().upkeep.slotsUnknown).toBe(0);
  // The sums, and the conflict ledger; no records.
  expect(storage.rangesRead - before).toBe(2);
});
