/** Homes that a read finds behind are sent what they lack, after the answer or before it. */
import { describe, expect, test } from "vitest";
import { latin1Decode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import type { GetResult } from "../coordinator/request.ts";
import type { ConflictPolicy } from "../model/namespace.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

/** Members 1, 2 and 3 hold `old`; only `holders` have heard of `new`. */
function behind(holders: readonly number[], limits: Partial<Limits> = {}, policy?: ConflictPolicy) {
  const cluster = new TestCluster(3, limits, policy);
  const key = keyAt(cluster, 1, 2);
  cluster.set(1, key, "old", { w: ALL });
  for (const id of [2, 3]) if (!holders.includes(id)) cluster.cut(1, id);
  for (const id of [2, 3]) if (!holders.includes(id)) cluster.cut(id, 5 - id);
  cluster.set(1, key, "new", { w: holders.length });
  cluster.heal();
  cluster.run(3_000);
  return { cluster, key };
}

function heldAt(cluster: TestCluster, id: number, key: string): string {
  const view = cluster.explain(id, key).views.find(({ member }) => member === id);
  const newest = view?.versions[0]?.dot.clock ?? 0;
  const all = cluster.explain(id, key).views.map(({ versions }) => versions[0]?.dot.clock ?? 0);
  return newest === Math.max(...all) ? "new" : "old";
}

function shown(result: GetResult | null): string[] {
  return (result?.versions() ?? []).map(({ value }) => latin1Decode(value)).toSorted();
}

function counters(cluster: TestCluster, id: number) {
  return cluster.at(id).member?.status().counters;
}

describe("a read repairs after its answer", () => {
  test("the homes that it found behind, its own too", () => {
    for (const reader of [1, 2, 3]) {
      const { cluster, key } = behind([1]);
      const read = cluster.read(reader, key, 3, "after");
      cluster.run(200);
      expect(shown(read.result)).toEqual(["new"]);
      for (const id of [1, 2, 3]) expect(heldAt(cluster, id, key)).toBe("new");
      expect(counters(cluster, reader)).toMatchObject({ divergentReads: 1, readRepairs: 1 });
    }
  });

  test("without waiting for them: a home whose disk is stuck delays nothing", () => {
    const { cluster, key } = behind([1, 2]);
    cluster.at(3).storage.held = true;
    const read = cluster.read(1, key, 3, "after");
    cluster.pump();
    expect(read.result?.code).toBe("OK");
    expect(heldAt(cluster, 3, key)).toBe("old");
    cluster.at(3).storage.held = false;
    cluster.run(200);
    expect(heldAt(cluster, 3, key)).toBe("new");
  });

  test("each key once at a time, and no more keys than there is room for", () => {
    const { cluster, key } = behind([1, 2], { readRepairsMax: 1 });
    cluster.at(3).storage.held = true;
    for (let i = 0; i < 3; i++) {
      cluster.read(1, key, 3, "after");
      cluster.run(50);
    }
    cluster.run(200);
    cluster.at(3).storage.held = false;
    cluster.run(200);
    expect(counters(cluster, 1)).toMatchObject({ divergentReads: 3, readRepairs: 1, readRepairsSkipped: 0 });
    const off = behind([1, 2], { readRepairsMax: 0 });
    off.cluster.read(1, off.key, 3, "after");
    off.cluster.run(200);
    expect(heldAt(off.cluster, 3, off.key)).toBe("old");
    expect(counters(off.cluster, 1)).toMatchObject({ readRepairs: 0, readRepairsSkipped: 1 });
  });

  test("what both sides of a cut have written, merged", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    cluster.run(700);
    cluster.set(1, key, "one", { w: 1 });
    cluster.set(2, key, "two");
    cluster.heal();
    cluster.run(3_000);
    cluster.read(2, key, 3, "after");
    cluster.run(200);
    for (const id of [1, 2, 3]) expect(cluster.values(id, key, 1)).toEqual(["one", "two"]);
  });

  test("only as far as the background budget goes", () => {
    const { cluster, key } = behind([1, 2], { backgroundOpsMin: 1, backgroundOpsMax: 1 });
    const second = keyAt(cluster, 1, 3);
    cluster.cut(1, 3);
    cluster.cut(2, 3);
    cluster.set(1, second, "new");
    cluster.heal();
    cluster.run(3_000);
    cluster.read(1, key, 3, "after");
    cluster.read(1, second, 3, "after");
    cluster.run(200);
    expect(counters(cluster, 1)).toMatchObject({ divergentReads: 2, readRepairs: 1, readRepairsSkipped: 1 });
  });

  test("and counts what did not reach every home", () => {
    const { cluster, key } = behind([1, 2]);
    cluster.at(3).freeBytes = 0;
    const read = cluster.read(1, key, 3, "after");
    cluster.run(200);
    expect(read.result?.code).toBe("OK");
    expect(counters(cluster, 1)).toMatchObject({ readRepairs: 0, readRepairsFailed: 1 });
  });
});

describe("a read that repairs before its answer", () => {
  test("waits until the homes asked hold it on disk, and then every one of them shows it", () => {
    const { cluster, key } = behind([1]);
    cluster.cut(2, 3);
    cluster.at(2).storage.held = true;
    const read = cluster.read(2, key, 2, "before");
    cluster.pump();
    expect(read.result).toBeNull();
    cluster.at(2).storage.held = false;
    cluster.pump();
    expect(shown(read.result)).toEqual(["new"]);
    cluster.at(2).crash();
    cluster.at(2).boot();
    cluster.run(3_000);
    expect(cluster.values(2, key, 1)).toEqual(["new"]);
  });

  test("is monotonic at a quorum: no later one shows less", () => {
    const { cluster, key } = behind([1]);
    cluster.cut(2, 3);
    const first = cluster.read(2, key, 2, "before");
    cluster.run(100);
    expect(shown(first.result)).toEqual(["new"]);
    cluster.at(1).crash();
    cluster.heal();
    cluster.run(3_000);
    const later = cluster.read(3, key, 2, "before");
    cluster.run(500);
    expect(shown(later.result)).toEqual(["new"]);
  });

  test("asks another home when one cannot be brought to it", () => {
    const { cluster, key } = behind([1]);
    cluster.at(3).freeBytes = 0;
    const read = cluster.read(3, key, 2, "before");
    cluster.run(500);
    expect(read.result?.code).toBe("OK");
    expect(read.result?.answered.toSorted()).toEqual([1, 2]);
    expect(heldAt(cluster, 2, key)).toBe("new");
  });

  test("says why when there is none, and what time was too short for", () => {
    const { cluster, key } = behind([1]);
    cluster.at(3).freeBytes = 0;
    cluster.at(2).freeBytes = 0;
    const full = cluster.read(3, key, 2, "before");
    cluster.run(500);
    expect(full.result).toMatchObject({ code: "QUORUM" });
    expect(full.result?.text).toBe(
      "not all of the 2 homes asked for could be brought to what was read (DISKFULL)",
    );
    const slow = behind([1]);
    for (const id of [2, 3]) slow.cluster.at(id).storage.held = true;
    const read = slow.cluster.read(1, slow.key, 2, "before");
    slow.cluster.run(1_100);
    expect(read.result).toMatchObject({ code: "TIMEOUT" });
    expect(read.result?.text).toMatch(/brought to what was read within 1000 ms$/);
  });

  test("costs nothing when the homes are level", () => {
    const { cluster, key } = behind([1, 2, 3]);
    for (const member of cluster.members) member.storage.held = true;
    const read = cluster.read(1, key, 3, "before");
    cluster.pump();
    expect(shown(read.result)).toEqual(["new"]);
  });

  test("under lww too: the loser is in the ledger of who takes the winner", () => {
    const cluster = new TestCluster(3, {}, "lww");
    const key = keyAt(cluster, 1);
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    cluster.run(700);
    cluster.set(1, key, "one", { w: 1 });
    cluster.set(2, key, "two");
    cluster.heal();
    cluster.run(3_000);
    const read = cluster.read(3, key, 3, "before");
    cluster.run(500);
    expect(read.result?.code).toBe("OK");
    for (const id of [1, 2, 3]) expect(cluster.values(id, key, 1)).toEqual(shown(read.result));
    expect(cluster.conflicts(1).entries.length).toBeGreaterThan(0);
  });
});
