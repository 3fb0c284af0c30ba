/** Second rounds of overwrites: what they may cover, and what others have done meanwhile. */
import { expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { ConflictPolicy } from "../model/namespace.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import { WRITE_FSYNC } from "../wire/messages.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

/** Completes all that one member's disk has to do, and nobody else's. */
function work(cluster: TestCluster, id: number): void {
  while (cluster.at(id).storage.pump());
}

test.each<ConflictPolicy>(["siblings", "lww"])(
  "under %s, what was read and deleted stays so, though the author of a part of it goes another round",
  (policy) => {
    const cluster = new TestCluster(3, {}, policy);
    const key = keyAt(cluster, 1, 3);
    cluster.cut(1, 2);
    cluster.run(700);
    const early = cluster.put(1, key, "early", { w: 2 });
    // Loaded, minted, stored; it has not been sent.
    cluster.at(1).storage.pump();
    cluster.nowMs += 5;
    const late = cluster.put(2, key, "late", { w: 1 });
    cluster.sendFrom(2);
    cluster.at(3).storage.pump();
    cluster.sendFrom(3);
    work(cluster, 1);
    const read: string[] = [];
    const request = {
      namespace: 1,
      key: latin1Encode(key),
      r: 1,
      headOnly: false,
      repair: "none",
      timeoutMs: 1_000,
    } as const;
    const reader = {
      onGet: (_tag: number, result: ReturnType<TestCluster["get"]>) =>
        void read.push(...result.versions().map(({ value }) => latin1Decode(value))),
    };
    cluster.at(1).member?.get(request, reader, 0);
    work(cluster, 1);
    expect(read.toSorted()).toEqual(policy === "lww" ? ["late"] : ["early", "late"]);
    const removed = cluster.put(1, key, "", { kind: "delete", w: 1 });
    work(cluster, 1);
    expect([removed.result?.code, early.result]).toEqual(["OK", null]);
    cluster.pump();
    cluster.run(100);
    expect([early.result?.code, late.result?.code]).toEqual(["OK", "OK"]);
    expect(cluster.values(1, key, 1)).toEqual([]);
  },
);

test("a later round sends nothing that lacks a version whose entry in the ledger is not durable", () => {
  const cluster = new TestCluster(3, {}, "lww");
  const key = keyAt(cluster, 1);
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  cluster.run(700);
  expect(cluster.set(2, key, "unheard").code).toBe("OK");
  cluster.heal();
  cluster.run(3_000);
  // Its run has begun, so that it can mint without its disk.
  cluster.set(1, `{${key}}`, "v", { w: 1 });
  const { storage } = cluster.at(1);
  storage.held = true;
  cluster.put(1, key, "overwrite", { w: 2 });
  storage.pump();
  cluster.sendFrom(1, 2);
  work(cluster, 2);
  // Two more writes: at member 3, which acknowledges alone, and at member 2.
  cluster.cut(2, 3);
  const write = (at: number, from: number, value: string): void => {
    cluster.nowMs += 5;
    const [name, bytes] = [latin1Encode(key), latin1Encode(value)];
    cluster
      .at(at)
      .member?.messages.onWrite(from, 0, Number.MAX_SAFE_INTEGER, WRITE_FSYNC, 1, 1, 0, name, bytes, null);
    work(cluster, at);
  };
  write(3, 2, "acknowledged");
  write(2, 3, "newest");
  // Member 1 hears of both: the newest stays, and of the other there is an entry, which is appended and not durable.
  cluster.sendFrom(2, 1);
  storage.pump();
  cluster.sendFrom(3, 1);
  storage.pump();
  for (let done = ""; !isRecordKey(latin1Encode(done)); done = storage.completeFirst());
  cluster.sendFrom(1, 3);
  work(cluster, 3);
  cluster.at(1).crash();
  cluster.heal();
  cluster.at(1).boot();
  cluster.run(3_000);
  // Who writes with what is shown has not seen what lost: it is in somebody's ledger after that.
  cluster.set(1, key, "after", { context: cluster.get(1, key, 3).token(), w: 3 });
  const noted = cluster.conflicts(3).entries.map(({ value }) => latin1Decode(value ?? new Uint8Array()));
  expect(noted).toContain("acknowledged");
});
