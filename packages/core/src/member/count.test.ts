/** DBSIZE: each key once, at one home, and only what is committed there. */
import { describe, expect, it } from "vitest";
import type { OutcomeCode } from "../base/outcome.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";
import { damage } from "./scan.fixture.ts";

function count(cluster: TestCluster, at: number): string {
  const said: string[] = [];
  const user = {
    onCounted: (_tag: number, code: OutcomeCode, keys: number) => void said.push(`${code} ${keys}`),
  };
  cluster.at(at).member?.count(1, 1_000, user, 0);
  cluster.run(50);
  return said.join();
}

it("counts each key once, whoever is asked", () => {
  const cluster = new TestCluster(5);
  for (let i = 0; i < 40; i++) cluster.set(1 + (i % 5), `key-${i}`, "v", { w: ALL });
  for (let i = 0; i < 10; i++) cluster.remove(1, `key-${i}`, { w: ALL });
  for (const id of [1, 3, 5]) expect(count(cluster, id)).toBe("OK 30");
  cluster.at(2).crash();
  cluster.run(50);
  expect(count(cluster, 1)).toBe("OK 30");
});

it("does not count what is not committed", () => {
  const cluster = new TestCluster(3);
  for (const { storage } of cluster.members) storage.held = true;
  cluster.put(1, "pending", "v");
  cluster.pump();
  for (const { storage } of cluster.members) storage.showAppends();
  expect(count(cluster, 2)).toBe("OK 0");
  for (const { storage } of cluster.members) storage.held = false;
  cluster.run(50);
  expect(count(cluster, 2)).toBe("OK 1");
});

it("does not pass over a damaged record: it fails, and the record is replaced", () => {
  const cluster = new TestCluster(3);
  // It is counted at member 2, whoever is asked.
  const key = keyAt(cluster, 2);
  cluster.set(1, key, "v", { w: ALL });
  for (const { id } of cluster.members) cluster.at(id).crash();
  damage(cluster, 2, key);
  for (const { id } of cluster.members) cluster.at(id).boot();
  cluster.run(3_000);
  expect(count(cluster, 1)).toBe("DAMAGED 0");
  cluster.run(1_000);
  expect(count(cluster, 1)).toBe("OK 1");
});

describe("how many are counted at a time", () => {
  function begin(cluster: TestCluster, at: number, timeoutMs = 1_000): string[] {
    const said: string[] = [];
    const user = {
      onCounted: (_tag: number, code: OutcomeCode, keys: number) => void said.push(`${code} ${keys}`),
    };
    cluster.at(at).member?.count(1, timeoutMs, user, 0);
    return said;
  }

  function overloads(cluster: TestCluster, at: number): number {
    return cluster.at(at).member?.status().counters.failures["OVERLOADED"] ?? 0;
  }

  it("at countsMax a count is refused, a peer's as well, and said to be", () => {
    const cluster = new TestCluster(3, { countsMax: 2 });
    cluster.set(1, "k", "v", { w: ALL });
    for (const { storage } of cluster.members) storage.silent = true;
    const first = [begin(cluster, 1), begin(cluster, 1)];
    cluster.run(20);
    const [own, others] = [begin(cluster, 1), begin(cluster, 2)];
    cluster.run(20);
    expect([own, others]).toEqual([["OVERLOADED 0"], ["OVERLOADED 0"]]);
    expect(overloads(cluster, 1)).toBeGreaterThanOrEqual(1);
    for (const { storage } of cluster.members) storage.silent = false;
    cluster.run(50);
    expect(first).toEqual([["OK 1"], ["OK 1"]]);
    expect(count(cluster, 2)).toBe("OK 1");
  });

  it("at operationsMax a count is refused as everything else is", () => {
    const cluster = new TestCluster(1, { operationsMax: 2 });
    cluster.at(1).storage.silent = true;
    const said = [begin(cluster, 1), begin(cluster, 1), begin(cluster, 1)];
    expect(said).toEqual([[], [], ["OVERLOADED 0"]]);
    expect(overloads(cluster, 1)).toBe(1);
  });

  it("whose deadline has passed ends at the next page, here and at peers", () => {
    const cluster = new TestCluster(3, { countsMax: 1 });
    for (const { storage } of cluster.members) storage.silent = true;
    const said = begin(cluster, 1, 100);
    cluster.run(150);
    expect(said).toEqual(["TIMEOUT 0"]);
    const read = cluster.members.map(({ storage }) => storage.rangesRead);
    for (const { storage } of cluster.members) storage.silent = false;
    cluster.run(50);
    expect(cluster.members.map(({ storage }) => storage.rangesRead)).toEqual(read);
    // And it takes no place any more.
    expect(count(cluster, 2)).toBe("OK 0");
  });
});
