/** Damage that nobody has asked for yet is found by the scrub, and put right. */
import { describe, expect, test } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import { ALL } from "../quorum/needed.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import { isRecord } from "../version/record.ts";
import { TestCluster } from "./cluster.fixture.ts";

const PASS_MS = 20_000;

function scrubbing(keys: number, limits: Partial<Limits> = {}): TestCluster {
  const cluster = new TestCluster(3, { scrubPassMs: PASS_MS, ...limits });
  for (let i = 0; i < keys; i++) cluster.put(1, `key-${i}`, "v", { w: ALL, wantReceipt: false });
  cluster.pump();
  // A pass over nothing has begun by now. The next process begins at the start.
  for (const member of cluster.members) member.kill();
  for (const member of cluster.members) member.boot();
  cluster.run(250);
  return cluster;
}

function recordsOf(cluster: TestCluster, id: number): [string, Uint8Array][] {
  return [...cluster.at(id).storage.rows].filter(([key]) => isRecordKey(latin1Encode(key)));
}

function spoil(cluster: TestCluster, id: number, every: number): void {
  for (const [i, [key, row]] of recordsOf(cluster, id).entries())
    if (i % every === 0) cluster.at(id).storage.rows.set(key, flipped(row));
}

function damagedAt(cluster: TestCluster, id: number): number {
  return recordsOf(cluster, id).filter(([, row]) => !isRecord(row)).length;
}

function scrub(cluster: TestCluster, id: number) {
  return cluster.at(id).member?.status().scrub;
}

describe("the scrub", () => {
  test("reads all records in one pass, and then again", () => {
    const cluster = scrubbing(600);
    cluster.run(PASS_MS / 2);
    const half = scrub(cluster, 1);
    expect(half?.slot).toBeGreaterThan(4_000);
    expect(half?.keys).toBeLessThan(600);
    cluster.run(PASS_MS);
    expect(scrub(cluster, 1)).toMatchObject({ passes: 1, damaged: 0, open: 0, unreadable: 0 });
    expect(scrub(cluster, 1)?.keys).toBeGreaterThanOrEqual(600);
    expect(scrub(cluster, 1)?.passEndedMs).toBeGreaterThan(1_700_000_000_000);
    cluster.run(PASS_MS);
    expect(scrub(cluster, 1)?.passes).toBe(2);
  });

  test("has records fetched from other homes that are damaged on disk and nowhere else", () => {
    const cluster = scrubbing(40, { valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
    cluster.at(1).kill();
    spoil(cluster, 1, 4);
    cluster.at(1).boot();
    expect(damagedAt(cluster, 1)).toBe(10);
    cluster.run(2 * PASS_MS);
    expect(damagedAt(cluster, 1)).toBe(0);
    expect(scrub(cluster, 1)).toMatchObject({ damaged: 10, open: 0 });
    expect(cluster.at(1).notices.filter((name) => name === "scrub-damage")).toHaveLength(10);
    for (let i = 0; i < 40; i++) expect(cluster.values(1, `key-${i}`, 1)).toEqual(["v"]);
  });

  test("writes once more what is still whole in memory, also alone", () => {
    const cluster = scrubbing(20);
    for (let i = 0; i < 20; i++) expect(cluster.values(1, `key-${i}`, 1)).toEqual(["v"]);
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    spoil(cluster, 1, 1);
    cluster.run(2 * PASS_MS);
    expect(damagedAt(cluster, 1)).toBe(0);
    expect(cluster.at(1).notices).not.toContain("record-healed");
    expect(scrub(cluster, 1)).toMatchObject({ damaged: 20, open: 0 });
  });

  test("tries again until the other homes are there, and finds no more than it can hold meanwhile", () => {
    const cluster = scrubbing(40, { valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
    cluster.at(1).kill();
    spoil(cluster, 1, 1);
    cluster.cut(1, 2);
    cluster.at(1).boot();
    cluster.run(3 * PASS_MS);
    expect(scrub(cluster, 1)?.open).toBeGreaterThanOrEqual(16);
    expect(damagedAt(cluster, 1)).toBe(40);
    cluster.heal();
    cluster.run(4 * PASS_MS);
    expect(damagedAt(cluster, 1)).toBe(0);
    expect(scrub(cluster, 1)?.open).toBe(0);
  });

  test("leaves what is damaged at every home, and goes on", () => {
    const cluster = scrubbing(3, { valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
    for (const { id } of cluster.members) cluster.at(id).kill();
    for (const { id } of cluster.members) spoil(cluster, id, 1);
    for (const { id } of cluster.members) cluster.at(id).boot();
    cluster.run(3 * PASS_MS);
    expect(cluster.at(1).notices).toContain("record-lost");
    expect(scrub(cluster, 1)?.passes).toBeGreaterThanOrEqual(2);
  });

  test("goes on after a restart where it was", () => {
    const cluster = scrubbing(600);
    cluster.run(PASS_MS / 2);
    const before = scrub(cluster, 1)?.slot ?? 0;
    cluster.at(1).kill();
    cluster.at(1).boot();
    cluster.run(100);
    expect(before).toBeGreaterThan(4_000);
    expect(scrub(cluster, 1)?.slot).toBe(before);
    cluster.run((3 * PASS_MS) / 4);
    expect(scrub(cluster, 1)).toMatchObject({ passes: 1 });
  });

  test("begins anew when what it has noted is not a place", () => {
    for (const noted of ["", "\u0002", "\u0001".padEnd(9, "\0"), "\u0001".padEnd(9, "\0") + "\u0018x"]) {
      const cluster = scrubbing(5);
      cluster.at(1).kill();
      cluster.at(1).storage.rows.set("\u0001scrub", latin1Encode(noted));
      cluster.at(1).boot();
      cluster.run(2 * PASS_MS);
      expect(scrub(cluster, 1)?.passes).toBeGreaterThanOrEqual(1);
      expect(scrub(cluster, 1)?.keys).toBeGreaterThanOrEqual(5);
    }
  });

  test("passes over a slot that cannot be read, and says so", () => {
    const cluster = scrubbing(100);
    const { storage } = cluster.at(1);
    const range = storage.range.bind(storage);
    let failures = 3;
    storage.range = (from, to, rows, bytes, user, tag) => {
      if (failures-- > 0) {
        user.onRows(tag, { code: "EIO", text: "input/output error" }, [], [], false);
        return;
      }
      range(from, to, rows, bytes, user, tag);
    };
    cluster.run(2 * PASS_MS);
    expect(scrub(cluster, 1)).toMatchObject({ unreadable: 1 });
    expect(scrub(cluster, 1)?.passes).toBeGreaterThanOrEqual(1);
    expect(cluster.at(1).notices).toContain("scrub-unreadable");
  });

  test("rests when it is not wanted", () => {
    const cluster = scrubbing(5, { scrubPassMs: 0 });
    cluster.run(2 * PASS_MS);
    expect(scrub(cluster, 1)).toMatchObject({ keys: 0, passes: 0 });
  });
});

test("records that cannot be put right keep no member busy: its trees wait before they look again", () => {
  const cluster = new TestCluster(3, { valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
  for (let i = 0; i < 40; i++) cluster.set(1, `key-${i}`, "v", { w: ALL });
  cluster.at(1).kill();
  spoil(cluster, 1, 1);
  cluster.cut(1, 2);
  const { storage } = cluster.at(1);
  const range = storage.range.bind(storage);
  storage.range = (...page) => {
    if (storage.rangesRead > 1_000) throw new Error("the trees read the same slot without a pause");
    range(...page);
  };
  cluster.at(1).boot();
  cluster.run(2_000);
  expect(damagedAt(cluster, 1)).toBe(40);
});
