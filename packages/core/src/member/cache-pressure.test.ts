/** The record store's caches, seen from a member. */
import { describe, expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

describe("the value cache", () => {
  it("smaller than one record still lets that record be read", () => {
    const cluster = new TestCluster(1, { valueCacheBytesMax: 100 });
    const { storage } = cluster.at(1);
    expect(cluster.set(1, "k", "x".repeat(200), { w: ALL }).code).toBe("OK");
    let gets = 0;
    const get = storage.get.bind(storage);
    storage.get = (key, user, tag) => {
      if (++gets > 50) throw new Error("the record is read from the engine over and over, without end");
      get(key, user, tag);
    };
    expect(cluster.get(1, "k").newestLive()?.value.length).toBe(200);
  });
});

describe("the head cache", () => {
  it("does not let go of a key between two who wait for it", () => {
    const cluster = new TestCluster(3, { valueCacheBytesMax: 0, contextCacheEntriesMax: 1 });
    const key = keyAt(cluster, 1);
    const nothing = cluster.get(1, key).token();
    // Out of member 1's cache.
    cluster.get(1, "elsewhere", 1);
    const one = cluster.at(1);
    // Two wait for the same load: a read, whose caller asks for another key as soon as it is answered ...
    const request = {
      namespace: 1,
      key: latin1Encode(key),
      r: 1,
      headOnly: false,
      repair: "none",
      timeoutMs: 1_000,
    } as const;
    const other = { ...request, key: latin1Encode("another"), r: 1 };
    const ignore = { onGet: (): void => undefined };
    one.member?.get(request, { onGet: () => one.member?.get(other, ignore, 0) }, 0);
    // ... and a write.
    const second = cluster.put(1, key, "second", { context: nothing });
    // The load is answered; the write is appended to a disk that takes its time.
    one.storage.held = true;
    cluster.pump();
    expect(second.result).toMatchObject({ code: "OK" });
    // A sibling meanwhile: it must be built on the other.
    const third = cluster.put(1, key, "third", { context: nothing });
    cluster.pump();
    one.storage.held = false;
    cluster.pump();
    expect(third.result).toMatchObject({ code: "OK" });
    cluster.run(1_500);
    expect(cluster.values(2, key, ALL)).toEqual(["second", "third"]);
  });
});
