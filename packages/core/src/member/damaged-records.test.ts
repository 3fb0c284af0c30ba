/** Damaged records: what a home must not do with one, and how it gets a good one back. */
import { describe, expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

function damage(cluster: TestCluster, id: number, key: string): void {
  const { rows } = cluster.at(id).storage;
  for (const [stored, bytes] of rows) {
    if (!stored.endsWith(key)) continue;
    const broken = bytes.slice();
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    rows.set(stored, broken);
  }
}

function live(result: ReturnType<TestCluster["get"]>): string[] {
  return result
    .versions()
    .filter(({ kind }) => kind === "value")
    .map(({ value }) => latin1Decode(value))
    .toSorted();
}

describe("a damaged record", () => {
  it("is not served as absent while its replacement is being fsynced (R + W > N must see the ack)", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    // Acknowledged by 1 and 2 only: 3 never heard of it.
    cluster.cut(1, 3);
    cluster.cut(2, 3);
    const { receipt } = cluster.set(1, key, "acked");
    expect(receipt?.homes.toSorted()).toEqual([1, 2]);
    cluster.heal();
    cluster.run(3_000);
    cluster.at(1).crash();
    damage(cluster, 1, key);
    cluster.at(1).boot();
    cluster.run(3_000);
    // Member 1 finds the damage, fetches the record from 2 and 3, and its disk is slow to fsync the replacement.
    cluster.at(1).storage.held = true;
    cluster.get(1, key, 1);
    cluster.pump();
    // A reader at 3 that cannot reach 2 asks 3 and 1.
    cluster.cut(2, 3);
    const result = cluster.get(3, key, 2);
    // Either the value, or DAMAGED/QUORUM/TIMEOUT; never "there is no such key".
    expect(result.code === "OK" ? live(result) : ["acked"]).toEqual(["acked"]);
  });

  it("is not replaced by less than what other homes acknowledge a moment later", () => {
    const cluster = new TestCluster(3, { valueCacheBytesMax: 300 });
    const key = keyAt(cluster, 1);
    const fillers = Array.from({ length: 200 }, (_, i) => `f${i}`).filter(
      (name) => cluster.explain(1, name).homes[0] === 1,
    );
    for (const id of [2, 3]) cluster.at(id).storage.held = true;
    // Member 1 has committed; 2 and 3 have appended and wait for their disks.
    const answer = cluster.put(1, key, "v", { timeoutMs: 5_000 });
    cluster.pump();
    expect(answer.result).toBeNull();
    // Its value leaves member 1's cache, and the stored record rots.
    for (const name of fillers.slice(0, 10)) cluster.put(1, name, "x".repeat(50), { w: 1 });
    cluster.pump();
    damage(cluster, 1, key);
    cluster.get(1, key, 1);
    cluster.pump();
    // Now 2 commits: with 1 that makes W = 2, and the write is acknowledged. 3 loses its power before its fsync.
    cluster.at(3).crash();
    cluster.at(2).storage.held = false;
    cluster.pump();
    expect(answer.result).toMatchObject({ code: "OK" });
    cluster.at(3).boot();
    cluster.run(3_000);
    // One disk of {1, 2} was damaged, fewer than min(R, W): a read at R = 2 over 1 and 3 must see it.
    cluster.cut(1, 2);
    const result = cluster.get(1, key, 2);
    expect(result.code === "OK" ? live(result) : ["v"]).toEqual(["v"]);
  });

  it("at two of three homes is healed by what is left, while all homes are up", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.set(1, key, "v", { w: ALL });
    for (const id of [1, 2]) {
      cluster.at(id).crash();
      damage(cluster, id, key);
      cluster.at(id).boot();
      cluster.run(3_000);
    }
    cluster.get(1, key);
    cluster.get(2, key);
    cluster.run(10_000);
    // Three members up, one good copy: the key must become readable and writable again, some time.
    expect(cluster.set(1, key, "w").code).toBe("OK");
    expect(live(cluster.get(2, key))).toEqual(["w"]);
  });

  it("with no other home can at least be overwritten or deleted", () => {
    const cluster = new TestCluster(1);
    cluster.set(1, "solo", "v", { w: ALL });
    cluster.at(1).crash();
    damage(cluster, 1, "solo");
    cluster.at(1).boot();
    cluster.run(11_000);
    expect(cluster.set(1, "solo", "w", { timeoutMs: 4_000 }).code).toBe("OK");
  });

  it("found by a count is not replaced by what another home held before a later write", () => {
    const cluster = new TestCluster(3, { valueCacheBytesMax: 0, contextCacheEntriesMax: 2 });
    const key = keyAt(cluster, 1);
    expect(cluster.set(1, key, "v1", { w: ALL }).code).toBe("OK");
    for (const member of cluster.members) member.crash();
    for (const member of cluster.members) member.boot();
    cluster.run(3_000);
    const { rows } = cluster.at(1).storage;
    const sound = new Map(rows);
    damage(cluster, 1, key);
    // Member 3 is slow to say what it has.
    cluster.at(3).storage.silent = true;
    cluster.at(1).member?.count(1, 1_500, { onCounted: () => undefined }, 0);
    cluster.pump();
    // It was read badly, once.
    for (const [name, row] of sound) rows.set(name, row);
    const put = cluster.put(1, key, "v2", { w: 2 });
    cluster.pump();
    // Other keys need its room in memory, and then it is damaged once more.
    const user = { onExplained: () => undefined };
    for (let i = 0; i < 20; i++) cluster.at(1).member?.explain(1, latin1Encode(`other-${i}`), 500, user, 0);
    cluster.run(20);
    damage(cluster, 1, key);
    cluster.at(3).storage.silent = false;
    cluster.run(2_000);
    expect(put.result?.code).toBe("OK");
    expect(live(cluster.get(1, key, 2))).toEqual(["v2"]);
    expect(live(cluster.get(3, key, 3))).toEqual(["v2"]);
  });
});
