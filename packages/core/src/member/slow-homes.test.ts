/** Reads. */
import { expect, it } from "vitest";
import { latin1Decode } from "../base/utf8.ts";
import { ALL } from "../quorum/needed.ts";
import { TestCluster } from "./cluster.fixture.ts";

function keysAt(cluster: TestCluster, first: number, count: number): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < count; i++)
    if (cluster.explain(1, `key-${i}`).homes[0] === first) names.push(`key-${i}`);
  return names;
}

it("a home that sent its head and then hangs does not fail a read that another home could complete", () => {
  const cluster = new TestCluster(3, { valueCacheBytesMax: 300 });
  const [key = "", ...fillers] = keysAt(cluster, 2, 9);
  cluster.set(2, key, "old", { w: ALL });
  // Member 1 misses the new value.
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  expect(cluster.set(2, key, "new").code).toBe("OK");
  cluster.heal();
  cluster.run(3_000);
  // The value leaves the caches of 2 and 3, the head stays; then the disk of one of them hangs.
  for (const name of fillers) cluster.set(2, name, "x".repeat(50), { w: ALL });
  cluster.at(2).storage.get = () => undefined;
  const result = cluster.get(1, key, 2);
  expect(result.code).toBe("OK");
  expect(latin1Decode(result.newestLive()?.value ?? new Uint8Array(0))).toBe("new");
});

it("a count over a disk that cannot be read is an error, not a smaller number", () => {
  const cluster = new TestCluster(1);
  for (let i = 0; i < 50; i++) cluster.set(1, `count-${i}`, "v");
  const { storage } = cluster.at(1);
  const failure = { code: "EIO", text: "input/output error" };
  storage.range = (_from, _to, _rows, _bytes, user, tag) => {
    void Promise.resolve().then(() => user.onRows(tag, failure, [], [], false));
  };
  const counted: [string, number][] = [];
  cluster
    .at(1)
    .member?.count(1, 1_000, { onCounted: (_tag, code, keys) => void counted.push([code, keys]) }, 0);
  return new Promise<void>((done) => setTimeout(done, 50)).then(() => {
    expect(counted[0]).not.toEqual(["OK", 0]);
  });
});
