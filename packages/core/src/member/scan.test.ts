/** Scans of whole clusters: each key once, whatever happens to members, records and clocks meanwhile. */
import { describe, expect, it } from "vitest";
import { slotCursor } from "../coordinator/scan-cursor.ts";
import { ALL } from "../quorum/needed.ts";
import { slotOf } from "../ring/slot.ts";
import { latin1Encode } from "../base/utf8.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";
import { askPage, damage, page, walk } from "./scan.fixture.ts";

function fill(cluster: TestCluster, count: number, prefix = "key-"): string[] {
  const keys = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const answers = keys.map((key) => cluster.put(1, key, "v", { w: ALL }));
  cluster.run(50);
  for (const { result } of answers) if (result?.code !== "OK") throw new Error("a write failed");
  return keys.toSorted();
}

describe("a scan", () => {
  it.each([1, 3, 5])(
    "of %i members shows each key once, from any of them, in pages of any size",
    (members) => {
      const cluster = new TestCluster(members);
      const keys = fill(cluster, 200);
      for (const count of [1, 7, 1_000]) {
        const found = walk(cluster, members, { count });
        expect(found.keys.toSorted()).toEqual(keys);
        expect(found.pages).toBeLessThanOrEqual(200 / count + 2);
      }
    },
  );

  it("of an empty namespace is over at once", () => {
    expect(walk(new TestCluster(3), 2)).toEqual({ keys: [], pages: 1 });
  });

  it("goes on at another member, and after a restart of the one that gave the cursor", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 100);
    const found = walk(cluster, 1, { count: 9 }, (pages) => {
      if (pages === 3) {
        cluster.at(1).crash();
        cluster.at(1).boot();
        cluster.run(3_000);
      }
      return 1 + (pages % 3);
    });
    expect(found.keys.toSorted()).toEqual(keys);
  });

  it("leaves out what is deleted or has expired, and does not show anew what is written again", () => {
    const cluster = new TestCluster(3);
    fill(cluster, 30, "gone-");
    const kept = fill(cluster, 30, "kept-");
    for (let i = 0; i < 30; i++) cluster.remove(2, `gone-${i}`);
    const now = 1_700_000_000_000 + cluster.nowMs;
    for (let i = 0; i < 10; i++) cluster.set(1, `soon-${i}`, "v", { expiryMs: now + 60_000 });
    expect(walk(cluster, 3).keys).toHaveLength(40);
    cluster.run(61_000);
    const found = walk(cluster, 3, { count: 5 }, () => {
      for (const key of kept.slice(0, 10)) {
        cluster.remove(1, key);
        cluster.set(1, key, "again");
      }
      return 3;
    });
    expect(new Set(found.keys).size).toBe(found.keys.length);
    expect(found.keys.toSorted()).toEqual(kept);
  });

  it("judges expiry at the latest clock that takes part", () => {
    const cluster = new TestCluster(3);
    const now = 1_700_000_000_000 + cluster.nowMs;
    cluster.set(1, "soon", "v", { w: ALL, expiryMs: now + 5_000 });
    expect(page(cluster, 1, 0).keys).toEqual(["soon"]);
    for (const id of [2, 3]) {
      cluster.at(id).crash();
      cluster.at(id).wallOffsetMs = 6_000;
      cluster.at(id).boot();
    }
    cluster.run(2_000);
    expect(page(cluster, 1, 0).keys).toEqual([]);
  });

  it("sees what a majority holds, though the member asked never heard of it", () => {
    const cluster = new TestCluster(3);
    cluster.cut(3, 1);
    cluster.cut(3, 2);
    const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`).toSorted();
    for (const key of keys) expect(cluster.set(1, key, "v").code).toBe("OK");
    cluster.heal();
    cluster.run(3_000);
    expect(walk(cluster, 3).keys.toSorted()).toEqual(keys);
    for (const key of keys) cluster.remove(1, key, { w: ALL });
    expect(walk(cluster, 3).keys).toEqual([]);
  });

  it("does not show what is not committed", () => {
    const cluster = new TestCluster(3);
    for (const id of [1, 2, 3]) cluster.at(id).storage.held = true;
    const answer = cluster.put(1, "pending", "v");
    cluster.pump();
    // The engine may show appends that have not completed.
    for (const member of cluster.members) member.storage.showAppends();
    expect(page(cluster, 2, 0).keys).toEqual([]);
    for (const id of [1, 2, 3]) cluster.at(id).storage.held = false;
    cluster.run(50);
    expect(answer.result?.code).toBe("OK");
    expect(page(cluster, 2, 0).keys).toEqual(["pending"]);
  });
});

describe("a scan of one slot", () => {
  it("stays in it", () => {
    const cluster = new TestCluster(3);
    const inside = fill(cluster, 20, "{tag}");
    fill(cluster, 50);
    const slot = slotOf(latin1Encode("{tag}"));
    const keys: string[] = [];
    for (let cursor = slotCursor(slot); cursor !== 0;) {
      const found = page(cluster, 1, cursor, { slotEnd: slot + 1, count: 3 });
      keys.push(...found.keys);
      ({ cursor } = found);
    }
    expect(keys.toSorted()).toEqual(inside);
  });
});

describe("homes that are missing", () => {
  it("are replaced by others, and too few of them end the call at once", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 50);
    cluster.at(2).crash();
    cluster.run(50);
    expect(walk(cluster, 1).keys.toSorted()).toEqual(keys);
    cluster.at(3).crash();
    cluster.run(50);
    const startMs = cluster.nowMs;
    const refused = page(cluster, 1, 0);
    expect(refused).toMatchObject({ code: "QUORUM", keys: [], cursor: 0 });
    expect(refused.text).toContain("only 1 of the 2 homes");
    expect(cluster.nowMs).toBe(startMs);
  });

  it("that go away in the middle of a page are replaced", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 50);
    // It asks itself and one other; that one goes before it can answer.
    for (const gone of [2, 3]) {
      const answer = askPage(cluster, 1, 0, { count: 1_000 });
      cluster.at(gone).crash();
      cluster.pump();
      expect(answer.result?.keys.toSorted()).toEqual(keys);
      cluster.at(gone).boot();
      cluster.run(3_000);
    }
  });

  it("that do not answer are gone around, and nothing outlives its deadline", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 50);
    cluster.at(2).storage.silent = true;
    const startMs = cluster.nowMs;
    expect(page(cluster, 1, 0, { count: 1_000 }).keys.toSorted()).toEqual(keys);
    expect(page(cluster, 3, 0, { count: 1_000 }).keys.toSorted()).toEqual(keys);
    expect(cluster.nowMs - startMs).toBeLessThan(500);
    cluster.at(3).storage.silent = true;
    const askedMs = cluster.nowMs;
    expect(page(cluster, 1, 0)).toMatchObject({ code: "TIMEOUT", keys: [] });
    expect(cluster.nowMs - askedMs).toBeLessThan(1_100);
  });
});

describe("damage", () => {
  it("at one home is decided by the others", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 20);
    for (const key of keys) damage(cluster, 1, key);
    cluster.at(1).crash();
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(walk(cluster, 1).keys.toSorted()).toEqual(keys);
    expect(cluster.at(1).member?.status().counters.damagedRecords).toBeGreaterThan(0);
  });

  it("at one home, with another down, ends in a definite failure; what comes before it is shown", () => {
    const cluster = new TestCluster(3);
    const keys = fill(cluster, 20);
    const order = walk(cluster, 1).keys;
    const bad = order[10] ?? "";
    for (const id of [1, 2, 3]) {
      cluster.at(id).crash();
      if (id === 1) damage(cluster, id, bad);
    }
    for (const id of [1, 2]) cluster.at(id).boot();
    cluster.run(3_000);
    const first = page(cluster, 2, 0, { count: 1_000 });
    expect(first).toMatchObject({ code: "OK", keys: order.slice(0, 10) });
    const second = page(cluster, 2, first.cursor, { count: 1_000 });
    expect(second.code).toMatch(/^(DAMAGED|QUORUM)$/);
    expect(second.text).toContain(`key "${bad}" is damaged`);
    cluster.at(3).boot();
    cluster.run(3_000);
    const third = page(cluster, 2, first.cursor, { count: 1_000 });
    expect([...first.keys, ...third.keys].toSorted()).toEqual(keys);
  });
});

describe("the cost of one call", () => {
  it("is bounded over tombstones alone: a cursor comes back, without keys", () => {
    const limits = { scanPageRowsMax: 10, scanRoundsMax: 14 };
    const cluster = new TestCluster(1, limits);
    const keys = fill(cluster, 400);
    const answers = keys.slice(1).map((key) => cluster.put(1, key, "", { kind: "delete", w: ALL }));
    cluster.run(50);
    for (const { result } of answers) expect(result?.code).toBe("OK");
    const before = cluster.at(1).storage.rangesRead;
    const first = page(cluster, 1, 0, { count: 1_000 });
    expect(cluster.at(1).storage.rangesRead - before).toBeLessThanOrEqual(14);
    expect(first.code).toBe("OK");
    expect(first.cursor).toBeGreaterThan(0);
    const found = walk(cluster, 1, { count: 1_000 });
    expect(found.keys).toEqual(keys.slice(0, 1));
    expect(found.pages).toBeLessThan(10);
  });

  it("crosses an empty ring in one call of few rounds", () => {
    const cluster = new TestCluster(1);
    cluster.set(1, keyAt(cluster, 1), "v");
    const before = cluster.at(1).storage.rangesRead;
    expect(walk(cluster, 1)).toMatchObject({ pages: 1 });
    expect(cluster.at(1).storage.rangesRead - before).toBeLessThanOrEqual(5);
  });

  it("is refused beyond scansMax", () => {
    const cluster = new TestCluster(3, { scansMax: 2 });
    fill(cluster, 5);
    const answers = [1, 2, 3].map(() => askPage(cluster, 1, 0));
    cluster.pump();
    expect(answers.map(({ result }) => result?.code)).toEqual(["OK", "OK", "OVERLOADED"]);
    expect(page(cluster, 1, 0).code).toBe("OK");
  });
});
