import { expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import type { ConflictStatus } from "../replica/conflict-ledger.ts";
import { placeOfConflictKey } from "../storage/keyspace.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { TestCluster } from "./cluster.fixture.ts";

/** A cluster of one, where `count` writes of one key with the token of an absent key lose, one to the next. */
function conflicting(count: number, limits: Partial<Limits> = {}): TestCluster {
  const cluster = new TestCluster(1, limits, "lww");
  const context = cluster.get(1, "k").token();
  for (let i = 0; i <= count; i++) {
    expect(cluster.set(1, "k", `v${i}`, { context }).code).toBe("OK");
    cluster.run(10);
  }
  return cluster;
}

function status(cluster: TestCluster): ConflictStatus | undefined {
  return cluster.at(1).member?.status().conflicts;
}

function values(cluster: TestCluster): string[] {
  return cluster.conflicts(1).entries.map(({ value }) => latin1Decode(value ?? new Uint8Array()));
}

function rows(cluster: TestCluster): string[] {
  return [...cluster.at(1).storage.rows.keys()]
    .filter((key) => placeOfConflictKey(latin1Encode(key)) !== null)
    .toSorted();
}

test("the oldest go when there is no room, and that is counted and alarmed, once in a while", () => {
  const cluster = conflicting(6, { conflictEntriesMax: 3 });
  expect(values(cluster)).toEqual(["v5", "v4", "v3"]);
  expect(rows(cluster)).toHaveLength(3);
  expect(status(cluster)).toMatchObject({ entries: 3, noted: 6, overflowed: 3 });
  const alarms = (): number =>
    cluster.at(1).notices.filter((name) => name === "conflict-ledger-overflow").length;
  expect(alarms()).toBe(1);
  cluster.run(125_000);
  expect(alarms()).toBe(2);
  cluster.run(130_000);
  expect(alarms()).toBe(2);
});

test("bytes are bounded as entries are", () => {
  const limits = { conflictBytesMax: 2_000, conflictValueBytesMax: 40, keyBytesMax: 64 };
  const cluster = conflicting(40, limits);
  const { bytes, entries, overflowed } = status(cluster) ?? { bytes: 0, entries: 0, overflowed: 0 };
  expect(bytes).toBeLessThanOrEqual(2_000);
  expect(bytes).toBeGreaterThan(1_800);
  expect(entries + overflowed).toBe(40);
  const stored = rows(cluster).reduce(
    (sum, key) => sum + key.length + (cluster.at(1).storage.rows.get(key)?.length ?? 0),
    0,
  );
  expect(stored).toBe(bytes);
});

test("entries go when their time has come, and nobody is alarmed", () => {
  const cluster = conflicting(3, { conflictRetentionMs: 30_000 });
  expect(status(cluster)?.entries).toBe(3);
  expect(status(cluster)?.oldestMs).toBeGreaterThan(0);
  cluster.run(125_000);
  expect(status(cluster)).toMatchObject({ entries: 0, bytes: 0, oldestMs: 0, overflowed: 0 });
  expect(rows(cluster)).toEqual([]);
  expect(cluster.at(1).notices).not.toContain("conflict-ledger-overflow");
});

test("a restart counts what is there, keeps it, and goes on after it", () => {
  const cluster = conflicting(3, { conflictEntriesMax: 4 });
  const before = status(cluster);
  cluster.at(1).crash();
  cluster.at(1).boot();
  cluster.run(500);
  expect(status(cluster)).toEqual({ ...before, noted: 0 });
  const context = cluster.get(1, "other").token();
  for (const value of ["a", "b", "c"]) cluster.set(1, "other", value, { context });
  expect(values(cluster)).toEqual(["b", "a", "v2", "v1"]);
  expect(status(cluster)).toMatchObject({ entries: 4, noted: 2, overflowed: 1 });
});

test("a damaged entry is left out, and harms neither the others nor the records", () => {
  const cluster = conflicting(3);
  const { storage } = cluster.at(1);
  const [, second] = rows(cluster);
  storage.rows.set(second ?? "", flipped(storage.rows.get(second ?? "") ?? new Uint8Array(1)));
  expect(values(cluster)).toEqual(["v2", "v0"]);
  cluster.at(1).crash();
  storage.rows.set(latin1Decode(new Uint8Array([0x18, 9])), new Uint8Array(3));
  cluster.at(1).boot();
  cluster.run(500);
  expect(cluster.at(1).fatals).toEqual([]);
  expect(values(cluster)).toEqual(["v2", "v0"]);
  expect(status(cluster)?.entries).toBe(3);
  expect(cluster.values(1, "k")).toEqual(["v3"]);
});

test("of a value that is too large there are its length and its digest", () => {
  const cluster = conflicting(1, { conflictValueBytesMax: 1 });
  const [entry] = cluster.conflicts(1).entries;
  expect(entry).toMatchObject({ value: null, valueBytes: 2, versionKind: "value", kind: "concurrent" });
  expect(entry?.digest).toHaveLength(16);
});
