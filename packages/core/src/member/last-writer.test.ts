import { expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { dotText } from "../version/dot.ts";
import { versionsOf } from "../version/record.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";

function lww(limits = {}): TestCluster {
  return new TestCluster(3, limits, "lww");
}

/** Two writes on two sides of a partition: the first at member 1 alone, the other at members 2 and 3. */
function twoSides(cluster: TestCluster, key: string): string {
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  cluster.run(700);
  const first = cluster.set(1, key, "first", { w: 1 });
  cluster.run(20);
  const second = cluster.set(2, key, "second");
  expect([first.code, second.code]).toEqual(["OK", "OK"]);
  cluster.heal();
  cluster.run(3_000);
  return first.receipt === null ? "" : dotText(first.receipt.dot);
}

function entries(cluster: TestCluster, at = 1): string[] {
  return cluster
    .conflicts(at)
    .entries.map(({ member, kind, value, winner }) =>
      [member, kind, value === null ? "-" : latin1Decode(value), dotText(winner)].join(" "),
    );
}

function storedVersions(cluster: TestCluster, at: number): number[] {
  return [...cluster.at(at).storage.rows]
    .filter(([key]) => isRecordKey(latin1Encode(key)))
    .map(([, value]) => versionsOf(value).length);
}

test("a read shows the highest dot, writes nothing, and its token does not pass for having seen the other", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  twoSides(cluster, key);
  expect(cluster.values(3, key, 3)).toEqual(["second"]);
  expect(entries(cluster)).toEqual([]);
  // Written at member 1, which holds what the reader was not shown: it goes, and every home of the write notes it.
  const read = cluster.get(3, key, 3);
  const third = cluster.set(1, key, "third", { context: read.token(), w: 3 });
  expect(third.code).toBe("OK");
  const winner = third.receipt === null ? "" : dotText(third.receipt.dot);
  const noted = [1, 2, 3].map((member) => `${member} concurrent first ${winner}`);
  expect(entries(cluster).toSorted()).toEqual(noted);
  expect(cluster.values(2, key, 3)).toEqual(["third"]);
});

test("a home that merges keeps one version and notes the other", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  const first = twoSides(cluster, key);
  // Member 2 gets a write whose author had seen the first alone: the second has the higher dot where it is held.
  const read = cluster.get(1, key, 1);
  expect(read.versions().map(({ dot }) => dotText(dot))).toEqual([first]);
  const deleted = cluster.remove(1, key, { context: read.token(), w: 3 });
  expect(deleted.code).toBe("OK");
  expect(cluster.get(2, key, 3).newestLive()).toBeNull();
  expect([1, 2, 3].flatMap((id) => storedVersions(cluster, id))).toEqual([1, 1, 1]);
  expect(
    entries(cluster)
      .map((each) => each.split(" ").slice(0, 3).join(" "))
      .toSorted(),
  ).toEqual(["2 concurrent second", "3 concurrent second"]);
});

test("a write with a context that loses is acknowledged, and stands in the ledger", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  cluster.set(1, key, "base", { w: 3 });
  const token = cluster.get(1, key).token();
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  cluster.run(700);
  const low = cluster.set(1, key, "low", { context: token, w: 1 });
  cluster.run(50);
  const high = cluster.set(2, key, "high", { context: token });
  cluster.heal();
  cluster.run(3_000);
  expect([low.code, high.code]).toEqual(["OK", "OK"]);
  // Its author writes once more, and is below what the others hold in no case; an overwrite at member 2 covers all.
  const again = cluster.set(1, key, "again", { context: low.receipt?.token ?? null, w: 3 });
  expect(again.code).toBe("OK");
  expect(cluster.values(3, key, 3)).toEqual(["again"]);
  const texts = entries(cluster).map((each) => each.split(" ").slice(0, 3).join(" "));
  expect(texts.toSorted()).toEqual(["2 concurrent high", "3 concurrent high"]);
});

test("a plain SET through a stale coordinator supersedes what the others hold (row 22)", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  cluster.set(1, key, "one", { w: 3 });
  cluster.at(1).crash();
  cluster.run(700);
  expect(cluster.set(2, key, "two").code).toBe("OK");
  cluster.at(1).boot();
  cluster.run(3_000);
  expect(cluster.remove(1, key, { w: 3 }).code).toBe("OK");
  expect(cluster.get(2, key, 3).newestLive()).toBeNull();
  expect(cluster.at(1).member?.status().counters.secondRounds).toBe(1);
  expect([1, 2, 3].flatMap((id) => storedVersions(cluster, id))).toEqual([1, 1, 1]);
});

test("an entry is as durable as the record that lacks the version: a power cut takes both or none", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  twoSides(cluster, key);
  const token = cluster.get(3, key, 3).token();
  for (const id of [1, 2, 3]) cluster.at(id).storage.held = true;
  const write = cluster.put(1, key, "third", { context: token, w: 3 });
  cluster.run(300);
  expect(write.result).toBeNull();
  for (const id of [1, 2, 3]) cluster.at(id).crash();
  for (const id of [1, 2, 3]) cluster.at(id).boot();
  cluster.run(3_000);
  expect(entries(cluster)).toEqual([]);
  expect(cluster.values(1, key, 1)).toEqual(["first"]);
  expect(cluster.set(1, key, "third", { context: token, w: 3 }).code).toBe("OK");
  expect(entries(cluster)).toHaveLength(3);
  // And it is there after the next one.
  for (const id of [1, 2, 3]) cluster.at(id).crash();
  for (const id of [1, 2, 3]) cluster.at(id).boot();
  cluster.run(3_000);
  expect(entries(cluster)).toHaveLength(3);
  expect(cluster.at(1).member?.status().conflicts).toMatchObject({ counted: true, entries: 1, noted: 0 });
});

test("pages go on where the one before ended, over all members, and name who could not be asked", () => {
  const cluster = lww({ conflictPageMax: 5 });
  for (let i = 0; i < 4; i++) {
    const key = keyAt(cluster, 1);
    twoSides(cluster, key);
    cluster.set(1, key, `v${i}`, { context: cluster.get(3, key, 3).token(), w: 3 });
  }
  const whole = cluster.conflicts(2, { count: 5 });
  expect(whole.entries).toHaveLength(5);
  const paged = [];
  for (let below = cluster.conflicts(2, { count: 2 }), pages = 0; pages < 30; pages++) {
    paged.push(...below.entries);
    if (below.next === null) break;
    below = cluster.conflicts(2, { count: 2, below: below.next });
  }
  const clocks = paged.map(({ instant }) => instant);
  expect(clocks).toEqual(clocks.toSorted((a, b) => b - a));
  const noted = [1, 2, 3].reduce(
    (sum, id) => sum + (cluster.at(id).member?.status().conflicts.noted ?? 0),
    0,
  );
  expect(noted).toBeGreaterThan(10);
  expect(new Set(paged.map(({ member, number }) => `${member} ${number}`)).size).toBe(noted);
  cluster.cut(1, 3);
  cluster.run(700);
  expect(cluster.conflicts(1).unasked).toEqual([3]);
});

test("a key's own entries, and nobody else's", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  twoSides(cluster, key);
  cluster.set(1, key, "third", { context: cluster.get(3, key, 3).token(), w: 3 });
  const own = cluster.conflicts(2, { namespace: 1, key: latin1Encode(key) });
  expect(own.entries.map((entry) => latin1Decode(entry.key))).toEqual([key, key, key]);
  expect(cluster.conflicts(2, { namespace: 1, key: latin1Encode("another") }).entries).toEqual([]);
  expect(cluster.conflicts(2, { namespace: 2 }).entries).toEqual([]);
});

test("where siblings are kept, an overwrite of several that nobody had read is noted", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  twoSides(cluster, key);
  // With what was read of one side, both sides come to be at all homes.
  cluster.set(1, key, "third", { context: cluster.get(1, key, 1).token(), w: 3 });
  const siblings = cluster.values(1, key, 3);
  expect(siblings).toEqual(["second", "third"]);
  expect(entries(cluster)).toEqual([]);
  cluster.set(2, key, "written after", { context: null, w: 3 });
  // The coordinator held only one of them. The homes that held both note them.
  const noted = cluster.conflicts(3).entries;
  expect(noted.map(({ member, kind }) => `${member} ${kind}`).toSorted()).toEqual([
    "2 overwritten",
    "2 overwritten",
    "3 overwritten",
    "3 overwritten",
  ]);
  expect([...new Set(noted.map(({ value }) => latin1Decode(value ?? new Uint8Array())))].toSorted()).toEqual(
    siblings,
  );
  // One value replaced by another is no news.
  cluster.set(2, key, "once more", { w: 3 });
  expect(cluster.conflicts(3).entries).toHaveLength(4);
});

test("a coordinator that holds several siblings notes them itself, once", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  const before = cluster.get(1, key).token();
  for (const value of ["one", "two"]) cluster.set(1, key, value, { context: before, w: 3 });
  cluster.remove(2, key, { w: 3 });
  const noted = cluster.conflicts(3).entries;
  expect(noted.map(({ member, value }) => `${member} ${latin1Decode(value ?? new Uint8Array())}`)).toEqual([
    "1 two",
    "1 one",
  ]);
});

test("a scan lists a key if a read shows it, and not if what it shows was deleted", () => {
  const cluster = lww();
  const key = keyAt(cluster, 1);
  cluster.set(1, key, "base", { w: 3 });
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  cluster.run(700);
  expect(cluster.set(1, key, "low", { w: 1 }).code).toBe("OK");
  cluster.run(50);
  expect(cluster.remove(2, key).code).toBe("OK");
  cluster.heal();
  cluster.run(3_000);
  const listed: number[] = [];
  for (const { member } of cluster.members) {
    const request = { namespace: 1, cursor: 0, slotEnd: 16_384, count: 1_000, timeoutMs: 1_000 };
    member?.scan(request, { onScanned: (_tag, { keys }) => void listed.push(keys.length) }, 0);
    cluster.run(100);
  }
  expect([1, 2, 3].map((id) => cluster.get(id, key, 3).newestLive())).toEqual([null, null, null]);
  expect(listed).toEqual([0, 0, 0]);
});
