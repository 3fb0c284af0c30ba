import { describe, expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

describe("puts and gets", () => {
  it("any member takes a write and serves it, wherever its coordinator is", () => {
    const cluster = new TestCluster(3);
    for (const at of [1, 2, 3]) {
      const result = cluster.set(at, `k${at}`, `v${at}`);
      expect(result.code).toBe("OK");
      for (const reader of [1, 2, 3]) expect(cluster.values(reader, `k${at}`)).toEqual([`v${at}`]);
    }
  });

  it("the receipt says what was achieved", () => {
    const cluster = new TestCluster(3);
    const { receipt } = cluster.set(2, "k", "v", { w: ALL });
    expect(receipt?.homes.toSorted()).toEqual([1, 2, 3]);
    expect(receipt).toMatchObject({
      w: 3,
      fsynced: 3,
      fallbacks: [],
      zones: ["zone-1", "zone-2", "zone-3"],
      epoch: 1,
    });
    expect(cluster.set(2, "k", "v", { wantReceipt: false }).receipt).toBeNull();
  });

  it("an overwrite supersedes, a write with an old context stays beside", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "k", "one");
    const context = cluster.get(2, "k").token();
    cluster.set(3, "k", "two");
    expect(cluster.values(1, "k")).toEqual(["two"]);
    cluster.set(2, "k", "three", { context });
    expect(cluster.values(1, "k")).toEqual(["three", "two"]);
    const both = cluster.get(2, "k").token();
    cluster.set(1, "k", "resolved", { context: both });
    expect(cluster.values(3, "k")).toEqual(["resolved"]);
  });

  it("a write that may only supersede what was seen is refused beside anything else, wherever it is asked", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "k", "one");
    const context = cluster.get(2, "k").token();
    cluster.set(3, "k", "two");
    for (const at of [1, 2, 3]) {
      expect(cluster.set(at, "k", "three", { context, onlyIfSeen: true })).toMatchObject({
        code: "CONFLICT",
        receipt: null,
      });
      expect(cluster.set(at, "k", "", { kind: "delete", context, onlyIfSeen: true }).code).toBe("CONFLICT");
    }
    expect(cluster.values(1, "k")).toEqual(["two"]);
    const now = cluster.get(1, "k").token();
    expect(cluster.set(2, "k", "three", { context: now, onlyIfSeen: true }).code).toBe("OK");
    expect(cluster.set(3, "k", "again", { context: now, onlyIfSeen: true }).code).toBe("CONFLICT");
    expect(cluster.values(3, "k")).toEqual(["three"]);
  });

  it("what was deleted since is not written over", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "k", "one");
    const context = cluster.get(2, "k").token();
    expect(cluster.set(3, "k", "", { kind: "delete" }).code).toBe("OK");
    expect(cluster.set(1, "k", "one, touched", { context, onlyIfSeen: true }).code).toBe("CONFLICT");
    expect(cluster.values(2, "k")).toEqual([]);
  });

  it("the token of a receipt does not cover a sibling that its author never saw", () => {
    const cluster = new TestCluster(3);
    const nothing = cluster.get(1, "k").token();
    cluster.set(1, "k", "theirs", { context: nothing });
    const mine = cluster.set(1, "k", "mine", { context: nothing });
    expect(cluster.values(1, "k")).toEqual(["mine", "theirs"]);
    cluster.set(1, "k", "mine again", { context: mine.receipt?.token ?? "" });
    expect(cluster.values(1, "k")).toEqual(["mine again", "theirs"]);
  });

  it("a context of another key is refused, and nothing is written", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "a", "x");
    const context = cluster.get(1, "a").token();
    expect(cluster.set(2, "b", "y", { context }).code).toBe("BADCONTEXT");
    expect(cluster.values(1, "b")).toEqual([]);
  });

  it("a delete removes, says whether there was something, and leaves no tombstone where there was nothing", () => {
    const cluster = new TestCluster(3);
    expect(cluster.remove(1, "k")).toMatchObject({ code: "OK", existed: false, receipt: null });
    expect(cluster.get(1, "k", ALL).versions()).toEqual([]);
    cluster.set(1, "k", "v");
    expect(cluster.remove(2, "k")).toMatchObject({ code: "OK", existed: true });
    expect(cluster.values(3, "k")).toEqual([]);
    expect(
      cluster
        .get(3, "k")
        .versions()
        .map(({ kind }) => kind),
    ).toEqual(["tombstone"]);
    expect(cluster.remove(2, "k").existed).toBe(false);
  });

  it("what has expired is not live, for any reader", () => {
    const cluster = new TestCluster(3);
    const nowMs = cluster.at(1).member?.nowMs() ?? 0;
    cluster.set(1, "k", "v", { expiryMs: nowMs + 500 });
    expect(cluster.get(2, "k").newestLive()).not.toBeNull();
    cluster.run(600);
    expect(cluster.get(2, "k").newestLive()).toBeNull();
    expect(cluster.set(1, "k", "w").existed).toBe(false);
  });
});

describe("with members away", () => {
  it("goes on with one of three gone, wherever the coordinator was", () => {
    const cluster = new TestCluster(3);
    const keys = [1, 2, 3].map((first) => keyAt(cluster, first));
    cluster.at(2).crash();
    for (const key of keys) expect(cluster.set(1, key, "v").code).toBe("OK");
    for (const key of keys) expect(cluster.values(3, key)).toEqual(["v"]);
  });

  it("with two gone refuses at once, and writes nothing", () => {
    const cluster = new TestCluster(3);
    cluster.at(2).crash();
    cluster.at(3).crash();
    const beganMs = cluster.nowMs;
    const written = cluster.put(1, "k", "v");
    expect(written.result).toMatchObject({ code: "QUORUM" });
    expect(written.result?.text).toContain("only 1 of the 2 homes");
    expect(cluster.nowMs).toBe(beganMs);
    expect(cluster.get(1, "k").code).toBe("QUORUM");
    expect(cluster.get(1, "k", 1).versions()).toEqual([]);
  });

  it("a coordinator lost after the write was sent leaves the outcome unknown", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 2);
    cluster.at(2).storage.held = true;
    cluster.at(3).storage.held = true;
    cluster.at(1).storage.held = true;
    const answer = cluster.put(1, key, "v");
    cluster.pump();
    expect(answer.result).toBeNull();
    cluster.at(2).crash();
    expect(answer.result?.code).toBe("UNKNOWN");
  });

  it("homes that acknowledge too late leave the outcome unknown, at the deadline", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    for (const id of [2, 3]) cluster.at(id).storage.held = true;
    const answer = cluster.put(1, key, "v", { timeoutMs: 300 });
    cluster.run(290);
    expect(answer.result).toBeNull();
    cluster.run(30);
    expect(answer.result).toMatchObject({ code: "TIMEOUT" });
    expect(answer.result?.text).toContain("1 of the 2 homes");
  });

  it("an uncommitted record is not served, and is gone after a power cut", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    for (const id of [1, 2, 3]) cluster.at(id).storage.held = true;
    cluster.put(1, key, "v", { timeoutMs: 100 });
    cluster.run(50);
    expect(cluster.get(1, key).versions()).toEqual([]);
    for (const id of [1, 2, 3]) cluster.at(id).crash();
    for (const id of [1, 2, 3]) cluster.at(id).boot();
    cluster.run(2_000);
    expect(cluster.values(1, key, ALL)).toEqual([]);
  });

  it("a disk down to its reserve takes no writes, and another home coordinates", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.at(1).freeBytes = 1;
    const { receipt } = cluster.set(1, key, "v");
    expect(receipt?.coordinator).not.toBe(1);
    cluster.at(2).freeBytes = 1;
    cluster.at(3).freeBytes = 1;
    expect(cluster.set(1, key, "w").code).toBe("DISKFULL");
  });
});

describe("counterexamples in a cluster", () => {
  it("row 1: a SET by a member that crashed between minting and its own fsync erases nothing acknowledged", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.at(1).storage.held = true;
    expect(cluster.set(1, key, "acknowledged").code).toBe("OK");
    cluster.at(1).crash();
    cluster.cut(1, 2);
    cluster.cut(1, 3);
    cluster.at(1).boot();
    cluster.run(500);
    expect(cluster.set(1, key, "blind", { w: 1 }).code).toBe("OK");
    cluster.heal();
    cluster.run(3_000);
    expect(cluster.values(1, key, ALL)).toEqual(["acknowledged", "blind"]);
  });

  it("row 22: a home back from a restart does not turn plain SETs and DELs into siblings", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.set(1, key, "v1", { w: ALL });
    cluster.at(1).crash();
    cluster.set(2, key, "v2");
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(cluster.remove(1, key)).toMatchObject({ code: "OK", existed: true });
    expect(cluster.values(2, key, ALL)).toEqual([]);
    expect(cluster.get(3, key, ALL).versions()).toHaveLength(1);
    expect(cluster.at(1).member?.status().counters.secondRounds).toBe(1);
  });

  it("two overwrites at two coordinators that find each other do not both vanish", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1, 2);
    cluster.set(1, key, "before", { w: ALL });
    // Member 3 cannot reach member 1, so the same key has two coordinators, which meet at member 3's other home.
    cluster.cut(1, 3);
    cluster.run(200);
    const answers = [cluster.put(1, key, "one"), cluster.put(3, key, "two")];
    cluster.run(500);
    expect(answers.map(({ result }) => result?.code)).toEqual(["OK", "OK"]);
    cluster.heal();
    cluster.run(3_000);
    const values = cluster.values(2, key, ALL);
    expect(values).not.toEqual([]);
    for (const value of values) expect(["one", "two"]).toContain(value);
  });

  it("a delete at a home that has lost the key removes what the others hold", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.at(1).crash();
    cluster.set(2, key, "v");
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(cluster.remove(1, key)).toMatchObject({ code: "OK", existed: true });
    expect(cluster.values(2, key, ALL)).toEqual([]);
  });

  it("a damaged record is fetched from its other homes, and the member begins a new run", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    cluster.set(1, key, "v", { w: ALL });
    const before = cluster.set(1, key, "w", { w: ALL }).receipt?.dot;
    cluster.at(1).crash();
    for (const [stored, bytes] of cluster.at(1).storage.rows) {
      if (stored.endsWith(key)) cluster.at(1).storage.rows.set(stored, flipped(bytes));
    }
    cluster.at(1).boot();
    cluster.run(3_000);
    const booted = cluster.set(1, "other", "x", { w: ALL }).receipt;
    expect(cluster.values(1, key)).toEqual(["w"]);
    cluster.run(100);
    const { receipt } = cluster.set(1, key, "after", { w: ALL });
    expect(receipt?.dot.member).toBe(1);
    expect(receipt?.dot.start).toBeGreaterThan(Math.max(before?.start ?? 0, booted?.dot.start ?? 0));
    expect(cluster.values(2, key, ALL)).toEqual(["after"]);
    expect(cluster.at(1).member?.status().counters.damagedRecords).toBe(1);
  });

  it("row 24: what one reader saw expire no other revives", () => {
    const cluster = new TestCluster(3);
    const key = keyAt(cluster, 1);
    const nowMs = cluster.at(1).member?.nowMs() ?? 0;
    cluster.set(1, key, "v", { expiryMs: nowMs + 2_000 });
    cluster.at(3).crash();
    cluster.at(3).wallOffsetMs = 5_000;
    cluster.at(3).boot();
    cluster.run(1_000);
    expect(cluster.get(3, key).newestLive()).toBeNull();
    expect(cluster.get(1, key).newestLive()).toBeNull();
  });
});

describe("limits", () => {
  it("keys and values work at the limit, and are refused beyond it", () => {
    const cluster = new TestCluster(3, { keyBytesMax: 100, valueBytesMax: 1_000 });
    for (const bytes of [99, 100]) expect(cluster.set(1, "k".repeat(bytes), "v").code).toBe("OK");
    const long = cluster.set(1, "k".repeat(101), "v");
    expect(long).toMatchObject({ code: "TOOLARGE" });
    expect(long.text).toContain("the limit is 100 (keyBytesMax)");
    expect(cluster.get(1, "k".repeat(101)).code).toBe("TOOLARGE");
    for (const bytes of [999, 1_000]) expect(cluster.set(1, "k", "v".repeat(bytes)).code).toBe("OK");
    expect(cluster.set(1, "k", "v".repeat(1_001)).text).toContain("the limit is 1000 (valueBytesMax)");
    expect(latin1Decode(cluster.get(2, "k").newestLive()?.value ?? latin1Encode("")).length).toBe(1_000);
  });

  it("siblings are refused beyond the limit, and what is there stays", () => {
    const cluster = new TestCluster(3, { siblingsMax: 4 });
    const nothing = cluster.get(1, "k").token();
    for (let i = 0; i < 4; i++) expect(cluster.set(1, "k", `v${i}`, { context: nothing }).code).toBe("OK");
    const refused = cluster.set(1, "k", "one more", { context: nothing });
    expect(refused).toMatchObject({ code: "LIMIT" });
    expect(refused.text).toContain("5 siblings, the limit is 4 (siblingsMax)");
    expect(cluster.values(2, "k")).toEqual(["v0", "v1", "v2", "v3"]);
    expect(cluster.set(1, "k", "resolved", { context: cluster.get(2, "k").token() }).code).toBe("OK");
  });

  it("the runs in a context are refused beyond the limit", () => {
    const cluster = new TestCluster(3, { contextEntriesMax: 3 });
    const key = keyAt(cluster, 1);
    for (let boots = 1; boots <= 3; boots++) {
      expect(cluster.set(1, key, `v${boots}`, { w: ALL }).code).toBe("OK");
      cluster.at(1).crash();
      cluster.at(1).boot();
      cluster.run(3_000);
    }
    expect(cluster.set(1, key, "v4").text).toContain("4 runs, the limit is 3 (contextEntriesMax)");
    expect(cluster.values(1, key)).toEqual(["v3"]);
  });

  it("a time to live beyond the limit is refused", () => {
    const cluster = new TestCluster(3, { ttlMsMax: 10_000 });
    const nowMs = cluster.at(1).member?.nowMs() ?? 0;
    expect(cluster.set(1, "k", "v", { expiryMs: nowMs + 10_000 }).code).toBe("OK");
    expect(cluster.set(1, "k", "v", { expiryMs: nowMs + 20_000 }).text).toContain("ttlMsMax");
  });
});

describe("a changed configuration", () => {
  it("under data that was placed by another topology is refused, with the difference", () => {
    const cluster = new TestCluster(3);
    cluster.set(1, "k", "v", { w: ALL });
    const other = new TestCluster(4);
    const { storage } = other.at(1);
    for (const [key, value] of cluster.at(1).storage.rows) storage.rows.set(key, value);
    other.at(1).crash();
    other.at(1).boot();
    other.run(100);
    expect(other.at(1).fatals).toEqual(["topology-changed"]);
    expect(other.at(1).member).toBeNull();
  });
});
