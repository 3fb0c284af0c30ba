/** All homes of all keys compared, page by page: what differs is named, and who could not be asked. */
import { describe, expect, test } from "vitest";
import { type Bytes } from "../base/bytes.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { VerifyPage, VerifyRequest } from "../coordinator/verify.ts";
import { ALL } from "../quorum/needed.ts";
import { type Answer, TestCluster } from "./cluster.fixture.ts";
import { damage } from "./scan.fixture.ts";

function begin(
  cluster: TestCluster,
  at: number,
  request: Partial<VerifyRequest> = {},
): Answer<VerifyPage> & { at: number } {
  const answer = { result: null as VerifyPage | null, at };
  const whole = { namespace: 1, from: null, count: 1_000, timeoutMs: 8_000, ...request };
  const onVerified = (_tag: number, page: VerifyPage): void => {
    if (answer.result !== null) throw new Error("it answers once");
    answer.result = page;
  };
  cluster.at(at).member?.verify(whole, { onVerified }, 0);
  return answer;
}

function ask(cluster: TestCluster, at: number, request: Partial<VerifyRequest> = {}): VerifyPage {
  const answer = begin(cluster, at, request);
  for (let waitedMs = 0; answer.result === null && waitedMs < 9_000; waitedMs += 10) cluster.run(10);
  if (answer.result === null) throw new Error("no answer by the deadline");
  return answer.result;
}

interface Whole {
  readonly keys: number;
  readonly compared: number;
  readonly different: number;
  readonly named: string[];
  readonly unasked: string[];
  readonly pages: number;
}

/** From the beginning to the end. */
function verify(cluster: TestCluster, at: number, request: Partial<VerifyRequest> = {}): Whole {
  const whole = { keys: 0, compared: 0, different: 0, pages: 0 };
  const named: string[] = [];
  const unasked = new Set<string>();
  let from: Bytes | null = null;
  do {
    const { code, differences, ...found } = ask(cluster, at, { ...request, from });
    if (code !== "OK") throw new Error(code);
    whole.keys += found.keys;
    whole.compared += found.compared;
    whole.different += found.different;
    whole.pages++;
    for (const { key, groups, missing, damaged } of differences) {
      const told = groups.map((group) => group.join("=")).join(" ");
      named.push(`${latin1Decode(key)}: ${told} /${missing.join(",")}/${damaged.join(",")}`);
    }
    for (const each of found.unasked) unasked.add(`${each.member} ${each.code}`);
    from = found.next;
  } while (from !== null);
  return { ...whole, named: named.toSorted(), unasked: [...unasked].toSorted() };
}

function filled(keys: number, limits: ConstructorParameters<typeof TestCluster>[1] = {}): TestCluster {
  const cluster = new TestCluster(3, limits);
  const answers = Array.from({ length: keys }, (_, i) => cluster.put(1, `key-${i}`, "v", { w: ALL }));
  cluster.run(100);
  for (const { result } of answers) if (result?.code !== "OK") throw new Error("a write failed");
  return cluster;
}

const EQUAL = { different: 0, named: [], unasked: [] };

describe("a comparison of all homes", () => {
  test("of equal copies counts every key once, however they lie on pages", () => {
    const cluster = filled(60, { scanPageRowsMax: 7 });
    cluster.remove(1, "key-3", { w: ALL });
    for (const at of [1, 2, 3])
      expect(verify(cluster, at, { count: 10 })).toMatchObject({ keys: 60, compared: 60, ...EQUAL });
    expect(verify(cluster, 1, { count: 10 }).pages).toBeGreaterThan(3);
  });

  test("of nothing ends at once", () => {
    expect(verify(new TestCluster(3), 2)).toEqual({ keys: 0, compared: 0, pages: 1, ...EQUAL });
  });

  test("names what a home has missed, and what it holds that others do not", () => {
    const cluster = filled(20);
    cluster.cut(3, 1);
    cluster.cut(3, 2);
    cluster.run(700);
    cluster.set(1, "key-4", "newer");
    cluster.remove(1, "key-5");
    cluster.set(1, "new", "v");
    cluster.set(3, "lone", "v", { w: 1 });
    cluster.heal();
    cluster.run(1_500);
    expect(verify(cluster, 2)).toEqual({
      keys: 22,
      compared: 22,
      different: 4,
      pages: 1,
      unasked: [],
      named: ["key-4: 1=2 3 //", "key-5: 1=2 3 //", "lone: 3 /1,2/", "new: 1=2 /3/"],
    });
  });

  test("names a home that holds damaged bytes", () => {
    const cluster = filled(5, { treeWriteEveryMs: 100 });
    cluster.run(1_000);
    damage(cluster, 2, "key-2");
    // What it held in memory is forgotten, and its sums are on disk: it reads nothing at its start.
    cluster.at(2).crash();
    cluster.at(2).boot();
    cluster.run(1_500);
    expect(verify(cluster, 1)).toMatchObject({ different: 1, named: ["key-2: 1=3 //2"] });
  });

  test("names a home that cannot be asked, and compares the others", () => {
    const cluster = filled(10);
    cluster.at(3).crash();
    cluster.run(700);
    cluster.set(1, "key-1", "newer", { w: 2 });
    expect(verify(cluster, 1)).toMatchObject({ keys: 10, compared: 0, different: 0, unasked: ["3 QUORUM"] });
    cluster.at(3).boot();
    cluster.run(1_500);
    expect(verify(cluster, 1)).toMatchObject({ keys: 10, compared: 10, different: 1, unasked: [] });
  });

  test("waits for a home that does not answer, and no longer than it may", () => {
    const cluster = filled(10);
    const { storage } = cluster.at(2);
    storage.silent = true;
    const answer = begin(cluster, 1);
    cluster.run(1_900);
    expect(answer.result).toBeNull();
    cluster.run(500);
    expect(answer.result).toMatchObject({ code: "OK", keys: 10, compared: 0, next: null });
    expect(answer.result?.unasked).toEqual([{ member: 2, code: "TIMEOUT" }]);
  });

  test("does not take a write that is under way for a difference", () => {
    const cluster = filled(10);
    const { storage } = cluster.at(3);
    storage.held = true;
    cluster.put(1, "key-1", "newer");
    const answer = begin(cluster, 1);
    cluster.run(50);
    storage.held = false;
    cluster.run(300);
    expect(answer.result).toMatchObject({ code: "OK", keys: 10, compared: 10, different: 0 });
  });

  test("of a namespace that is not there is refused", () => {
    expect(ask(filled(3), 1, { namespace: 9 })).toMatchObject({ code: "INVALID", keys: 0 });
  });

  test.each([
    ["nothing", ""],
    ["less than a key", "\u0010"],
    ["another space", "\u0001abcdefgh"],
    ["a slot that is not there", `\u0010\u0040${"\0".repeat(6)}`],
    ["more than a key", `\u0010${"\0".repeat(5_000)}`],
  ])("refuses to go on from %s", (_what, text) => {
    expect(ask(new TestCluster(1), 1, { from: latin1Encode(text) })).toMatchObject({ code: "INVALID" });
  });

  test("is refused where too much is under way", () => {
    expect(ask(filled(1, { scansMax: 0 }), 1)).toMatchObject({ code: "OVERLOADED" });
  });
});

test("a home says how much of each partition it holds, and how old the proofs are", () => {
  const cluster = filled(50, { exchangeEveryMs: 200 });
  const of = (first: number, count: number) => cluster.at(2).member?.partitions(first, count) ?? [];
  cluster.run(2_000);
  const all = of(0, 16);
  expect(all.map(({ partition }) => partition)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  expect(all.reduce((sum, { keys }) => sum + keys, 0)).toBe(50);
  expect(all.every(({ keys, bytes }) => (keys === 0) === (bytes === 0))).toBe(true);
  expect(all[3]).toMatchObject({ slots: 1_024, slotsKnown: 1_024, proofs: [{ peer: 1 }, { peer: 3 }] });
  expect(all[3]?.homes.toSorted()).toEqual([1, 2, 3]);
  for (const { proofs } of all) {
    expect(proofs.map(({ peer }) => peer)).toEqual([1, 3]);
    for (const { ageMs } of proofs) expect(ageMs).toBeLessThan(1_000);
  }
  expect(of(14, 10)).toHaveLength(2);
  expect(of(16, 10)).toEqual([]);
  cluster.remove(1, "key-1", { w: ALL });
  // A key that was deleted is a record still.
  expect(of(0, 16).reduce((sum, { keys }) => sum + keys, 0)).toBe(50);
});
