/** Replies to an earlier life of a member, whose operation ids begin anew at every start, must not reach the next. */
import { expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { GetResult } from "../coordinator/request.ts";
import { TestCluster } from "./cluster.fixture.ts";

function keysAt(cluster: TestCluster, first: number, count: number): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < count; i++)
    if (cluster.explain(3, `key-${i}`).homes[0] === first) names.push(`key-${i}`);
  return names;
}

it("a reply to a write of its earlier life does not acknowledge another write", () => {
  const cluster = new TestCluster(3);
  const [old = "", ...others] = keysAt(cluster, 1, 21);
  cluster.at(3).crash();
  const { storage } = cluster.at(2);
  storage.held = true;
  cluster.put(1, old, "v", { timeoutMs: 5_000 });
  cluster.run(100);
  cluster.at(1).crash();
  cluster.at(1).boot();
  cluster.run(2_000);
  // What member 2 is asked to store from now on never gets to its disk.
  const never: string[] = [];
  storage.append = (key) => void never.push(latin1Decode(key));
  const answers = others.map((key) => cluster.put(1, key, "w", { timeoutMs: 5_000 }));
  cluster.run(100);
  expect(never.length).toBeGreaterThan(0);
  expect(answers.every(({ result }) => result === null)).toBe(true);
  // Only the append of the earlier write completes.
  storage.held = false;
  cluster.run(100);
  const acked = answers.flatMap(({ result }) => (result?.code === "OK" ? [result.receipt?.homes] : []));
  expect(acked).toEqual([]);
});

it("a reply to a read of its earlier life is not taken for the value of another key", () => {
  const cluster = new TestCluster(4);
  const [old = "", ...others] = keysAt(cluster, 2, 400).filter(
    (key) => !cluster.explain(3, key).homes.includes(1),
  );
  cluster.set(1, old, "the value of another key", { w: 3 });
  cluster.at(2).crash();
  cluster.at(2).boot();
  cluster.run(3_000);
  // Member 2's disk is slow.
  const { storage } = cluster.at(2);
  const get = storage.get.bind(storage);
  const waiting: (() => void)[] = [];
  storage.get = (...args) => void waiting.push(() => get(...args));
  const ask = (key: string, answers: GetResult[]): void => {
    const request = {
      namespace: 1,
      key: latin1Encode(key),
      r: 1,
      headOnly: false,
      repair: "none",
      timeoutMs: 5_000,
    } as const;
    cluster.at(1).member?.get(request, { onGet: (_tag, result) => void answers.push(result) }, 0);
  };
  ask(old, []);
  cluster.run(20);
  expect(waiting).toHaveLength(1);
  cluster.at(1).crash();
  cluster.at(1).boot();
  cluster.run(2_000);
  const answers: GetResult[] = [];
  for (const key of others.slice(0, 50)) ask(key, answers);
  cluster.run(20);
  waiting[0]?.();
  cluster.run(100);
  const values = answers.map((result) => latin1Decode(result.newestLive()?.value ?? new Uint8Array(0)));
  expect(values).not.toContain("the value of another key");
});
