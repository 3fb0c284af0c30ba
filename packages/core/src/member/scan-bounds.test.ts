/** Scans where it is tight: crowded buckets, long keys, other namespaces in between, and peers that make things up. */
import { describe, expect, it } from "vitest";
import { crowdedKeys } from "../coordinator/scan-buckets.fixture.ts";
import { bucketOf, placeOfCursor } from "../coordinator/scan-cursor.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { OUTCOMES } from "../base/outcome.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { slotOf } from "../ring/slot.ts";
import { bucketStart, keyOfRecordKey, recordKey, slotStart } from "../storage/keyspace.ts";
import { FrameBuilder } from "../wire/frame-builder.ts";
import { encodeScan, encodeScanned } from "../wire/encode.ts";
import { putScanRow } from "../wire/scan-rows.ts";
import { TestCluster } from "./cluster.fixture.ts";
import { askPage, page, walk } from "./scan.fixture.ts";

function setAll(cluster: TestCluster, keys: readonly string[]): string[] {
  const answers = keys.map((key) => cluster.put(1, key, "v", { w: ALL }));
  cluster.run(50);
  for (const { result } of answers) if (result?.code !== "OK") throw new Error("a write failed");
  return keys.toSorted();
}

describe("keys with the same slot and hash", () => {
  const crowd = crowdedKeys(2, 7).map((storageKey) => latin1Decode(keyOfRecordKey(storageKey)));

  it.each([1, 2, 3, 100])("come each once, %i of a bucket at a time, though some go meanwhile", (most) => {
    const cluster = new TestCluster(3, { scanBucketKeysMax: most, scanPageRowsMax: 3 });
    setAll(cluster, crowd);
    const removed = new Set<string>();
    const found = walk(cluster, 2, { count: 1 }, (pages) => {
      // Any that go: shown before, in hand, or still to come.
      const key = crowd[(5 * pages) % crowd.length] ?? "";
      cluster.remove(1, key);
      removed.add(key);
      return 1 + (pages % 3);
    });
    expect(new Set(found.keys).size).toBe(found.keys.length);
    expect(crowd.filter((key) => !removed.has(key) && !found.keys.includes(key))).toEqual([]);
    if (most < 7) expect(found.pages).toBeGreaterThanOrEqual(2 * Math.ceil(7 / most) - removed.size);
  });

  it("are taken by second hash when they are too many, so that a cursor can point between them", () => {
    const cluster = new TestCluster(1, { scanBucketKeysMax: 3 });
    setAll(cluster, crowd);
    const first = page(cluster, 1, 0, { count: 100 });
    expect(first.keys).toHaveLength(3);
    const { bucket, sub } = placeOfCursor(first.cursor);
    const key = latin1Encode(first.keys[0] ?? "");
    expect(bucket).toBe(bucketOf(recordKey(slotOf(key), 1, key)));
    expect(sub).toBeGreaterThan(0);
  });
});

describe("a page", () => {
  it("ends when its rows are long, and goes on behind them", () => {
    const cluster = new TestCluster(3);
    const keys = setAll(
      cluster,
      // All in one slot, so that it is not the end of a stretch that ends a page.
      Array.from({ length: 60 }, (_, i) => `{t}${i}-${"x".repeat(4_000)}`),
    );
    const found = walk(cluster, 2, { count: 1_000 });
    expect(found.keys.toSorted()).toEqual(keys);
    expect(found.pages).toBeGreaterThan(2);
  });

  it("goes no further than the home that has looked least far", () => {
    const cluster = new TestCluster(3, { scanPageRowsMax: 4 });
    const early = setAll(
      cluster,
      Array.from({ length: 6 }, (_, i) => `{t}early-${i}`),
    );
    // Member 3 misses most, so four rows of it reach far beyond four rows of the others.
    cluster.cut(3, 1);
    cluster.cut(3, 2);
    const late = Array.from({ length: 50 }, (_, i) => `{t}late-${i}`);
    for (const key of late) expect(cluster.set(1, key, "v").code).toBe("OK");
    cluster.heal();
    cluster.run(3_000);
    for (const at of [1, 2, 3])
      expect(walk(cluster, at, { count: 7 }).keys.toSorted()).toEqual([...early, ...late].toSorted());
  });

  it("passes over other namespaces, and looks at no more rows for them", () => {
    const cluster = new TestCluster(1, { scanPageRowsMax: 10, scanRoundsMax: 14 });
    const keys = setAll(
      cluster,
      Array.from({ length: 30 }, (_, i) => `key-${i}`),
    );
    const { rows } = cluster.at(1).storage;
    const record = [...rows].find(([stored]) => stored.endsWith("key-1"))?.[1] ?? EMPTY_BYTES;
    for (let i = 0; i < 600; i++) {
      const key = latin1Encode(`other-${i}`);
      rows.set(latin1Decode(recordKey(slotOf(key), 2, key)), record);
    }
    const before = cluster.at(1).storage.rangesRead;
    page(cluster, 1, 0, { count: 1_000 });
    expect(cluster.at(1).storage.rangesRead - before).toBeLessThanOrEqual(14);
    expect(walk(cluster, 1, { count: 1_000 }).keys.toSorted()).toEqual(keys);
  });
});

/** Lets member 2 say things to member 1 that it would not say. */
function say(cluster: TestCluster, what: (writer: Parameters<typeof encodeScanned>[0]) => void): void {
  const clock = (1_700_000_000_000 - 1_577_836_800_000 + cluster.nowMs) * 4096;
  for (const end of cluster.at(2).ends.values()) {
    if (end.other?.owner.id !== 1) continue;
    const builder = new FrameBuilder();
    builder.begin(end.writer);
    what(end.writer);
    builder.finish(end.writer, 1, clock);
  }
}

function rowOf(storageKey: Bytes, head: Bytes | null): Bytes {
  const out = new ByteWriter();
  putScanRow(out, storageKey, head);
  return out.copy();
}

const inside = recordKey(5, 1, latin1Encode("invented"));
const LIES: [string, Bytes, Bytes][] = [
  ["a next page where this one began", bucketStart(0, 0, 1), EMPTY_BYTES],
  ["a next page beyond the range", slotStart(16_384), EMPTY_BYTES],
  ["a next page that is no place", new Uint8Array([1, 2]), EMPTY_BYTES],
  ["rows that are no rows", EMPTY_BYTES, new Uint8Array([0, 9, 1])],
  ["a row of another namespace", EMPTY_BYTES, rowOf(recordKey(5, 2, latin1Encode("k")), null)],
  ["a row beyond the range", EMPTY_BYTES, rowOf(recordKey(16_384, 1, latin1Encode("k")), null)],
  ["a row behind where the next page begins", recordKey(4, 1, latin1Encode("k")), rowOf(inside, null)],
  ["a row that is no record", EMPTY_BYTES, rowOf(inside, new Uint8Array(20))],
];

describe("a peer that answers a scan", () => {
  it.each(LIES)("with %s is not believed", (_what, next, rows) => {
    const ids = Array.from({ length: 4_000 }, (_, slot) => (1 << 16) | slot);
    for (const isReplaceable of [true, false]) {
      const cluster = new TestCluster(3);
      const keys = setAll(cluster, ["a", "b", "c"]);
      if (!isReplaceable) cluster.at(3).crash();
      cluster.run(50);
      cluster.at(2).storage.silent = true;
      const answer = askPage(cluster, 1, 0, { count: 1_000 });
      say(cluster, (writer) => {
        for (const id of ids) encodeScanned(writer, id, OUTCOMES.OK.wire, next, rows);
      });
      cluster.run(1_500);
      if (isReplaceable) expect(answer.result?.keys.toSorted()).toEqual(keys);
      else expect(answer.result).toMatchObject({ code: "DAMAGED", keys: [] });
    }
  });

  it("late, or twice, or unasked, changes nothing", () => {
    const cluster = new TestCluster(3);
    const keys = setAll(cluster, ["a", "b", "c"]);
    const answer = askPage(cluster, 1, 0, { count: 1_000 });
    cluster.pump();
    say(cluster, (writer) => {
      for (let id = 1; id < 70_000; id += 1) encodeScanned(writer, id, 0, EMPTY_BYTES, EMPTY_BYTES);
    });
    cluster.run(100);
    expect(answer.result?.keys.toSorted()).toEqual(keys);
    expect(page(cluster, 1, 0).keys.toSorted()).toEqual(keys);
  });
});

describe("a peer that asks for a page", () => {
  it.each([
    ["from no place", new Uint8Array([1, 2]), 100, 16],
    ["behind its end", recordKey(20, 1, EMPTY_BYTES), 100, 16],
    ["beyond the last slot", recordKey(5, 1, EMPTY_BYTES), 100, 16_385],
    ["of no rows", recordKey(5, 1, EMPTY_BYTES), 0, 16],
  ])("%s is refused without a look at the disk", (_what, from, rows, slotEnd) => {
    const cluster = new TestCluster(3);
    const before = cluster.at(1).storage.rangesRead;
    say(cluster, (writer) => encodeScan(writer, 7, Number.MAX_SAFE_INTEGER, 1, rows, slotEnd, from));
    cluster.run(100);
    expect(cluster.at(1).storage.rangesRead).toBe(before);
    expect(page(cluster, 1, 0).code).toBe("OK");
  });

  it("that nobody waits for any more, or one too many, is not read", () => {
    const cluster = new TestCluster(3, { scansMax: 4 });
    const from = recordKey(5, 1, EMPTY_BYTES);
    const before = cluster.at(1).storage.rangesRead;
    say(cluster, (writer) => encodeScan(writer, 7, 1, 1, 10, 16, from));
    cluster.run(20);
    expect(cluster.at(1).storage.rangesRead).toBe(before);
    cluster.at(1).storage.silent = true;
    say(cluster, (writer) => {
      for (let id = 1; id <= 10; id++) encodeScan(writer, id, Number.MAX_SAFE_INTEGER, 1, 10, 16, from);
    });
    cluster.run(20);
    expect(cluster.at(1).storage.rangesRead - before).toBe(4);
    cluster.at(1).storage.silent = false;
    cluster.run(20);
    expect(page(cluster, 1, 0).code).toBe("OK");
  });
});
