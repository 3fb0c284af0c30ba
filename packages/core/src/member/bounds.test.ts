/** What grows. */
import { describe, expect, it } from "vitest";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

describe("bounds", () => {
  it("a context grows by the runs that wrote a key, not by its writes: two writers of one sibling each do not close the key", () => {
    const cluster = new TestCluster(3, { contextEntriesMax: 32 });
    const key = keyAt(cluster, 1);
    const nothing = cluster.get(1, key).token();
    let a = cluster.set(1, key, "a", { context: nothing }).receipt?.token ?? "";
    let b = cluster.set(1, key, "b", { context: nothing }).receipt?.token ?? "";
    for (let i = 0; i < 40; i++) {
      a = cluster.set(1, key, `a${i}`, { context: a }).receipt?.token ?? a;
      b = cluster.set(1, key, `b${i}`, { context: b }).receipt?.token ?? b;
    }
    // "read it and write once with its context", says LIMIT.
    expect(cluster.set(1, key, "resolved", { context: cluster.get(1, key).token() }).code).toBe("OK");
    // The coordinator is lost, another home takes over: now nobody can write or delete this key, ever.
    cluster.at(1).crash();
    cluster.run(1_000);
    expect(cluster.set(2, key, "after").code).toBe("OK");
  });

  it("a member whose disk hangs refuses writes at some point, instead of queueing them for ever", () => {
    const cluster = new TestCluster(1, { operationsMax: 8 });
    cluster.set(1, "k", "v");
    const { storage } = cluster.at(1);
    let appended = 0;
    const append = storage.append.bind(storage);
    storage.append = (...args) => {
      appended++;
      append(...args);
    };
    storage.held = true;
    for (let second = 0; second < 50; second++) {
      for (let i = 0; i < 8; i++) cluster.put(1, `k${i}`, "v".repeat(1_000), { timeoutMs: 100 });
      cluster.run(110);
    }
    // 8 operations at a time are allowed; the values of 400 that have long failed are still held.
    expect(appended).toBeLessThan(100);
  });

  it("a home whose disk hangs refuses what is replicated to it at some point", () => {
    const cluster = new TestCluster(3, { operationsMax: 8 });
    const key = keyAt(cluster, 1);
    const { storage } = cluster.at(3);
    let appended = 0;
    const append = storage.append.bind(storage);
    storage.append = (...args) => {
      appended++;
      append(...args);
    };
    storage.held = true;
    for (let i = 0; i < 1_000; i++) expect(cluster.set(1, key, `${i}`).code).toBe("OK");
    expect(appended).toBeLessThan(900);
  });
});
