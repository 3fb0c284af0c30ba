/** What proposers and acceptors leave half done, lost or damaged: nothing is made twice, and nothing is forgotten. */
import { expect, it } from "vitest";
import { decodeAcceptorRow } from "../paxos/acceptor-row.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { TestCluster, keyAt } from "./cluster.fixture.ts";
import { decide, increment, propose, said, serial } from "./conditional.fixture.ts";

it("what was proposed and not chosen is claimed by no plain write of its proposer", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  expect(decide(cluster, 1, key, { change: "put", value: "first" })).toBe("OK");
  for (const id of [2, 3]) cluster.at(id).storage.held = true;
  const ask = propose(cluster, 1, key, { change: "put", value: "decided" });
  cluster.run(1_100);
  expect(ask.result?.code).toBe("TIMEOUT");
  // Accepted by its proposer alone, which goes on with a plain write.
  for (const id of [2, 3]) {
    cluster.at(id).crash();
    cluster.at(id).storage.held = false;
  }
  cluster.run(100);
  expect(cluster.set(1, key, "plain", { w: 1 }).code).toBe("OK");
  for (const id of [2, 3]) cluster.at(id).boot();
  cluster.run(3_000);
  // Whoever comes next finishes it, and neither has replaced the other.
  expect(decide(cluster, 1, key, { condition: "absent", change: "put" })).toBe("CONDITION");
  expect(cluster.values(2, key)).toEqual(["decided", "plain"]);
});

it("a damaged acceptor takes part in nothing, until all others have promised", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  expect(increment(cluster, 1, key)).toBe("OK 1");
  cluster.run(100);
  for (const { id } of cluster.members) cluster.at(id).crash();
  const { rows } = cluster.at(2).storage;
  const name = [...rows.keys()].find((one) => one.charCodeAt(0) === 0x38 && one.endsWith(key)) ?? "";
  const sound = rows.get(name) ?? new Uint8Array();
  expect(decodeAcceptorRow(sound)?.record.length).toBeGreaterThan(0);
  rows.set(name, flipped(sound));
  // With one of the two others away nobody knows what it had promised.
  for (const id of [1, 2]) cluster.at(id).boot();
  cluster.run(3_000);
  expect(increment(cluster, 1, key)).toBe("DAMAGED");
  expect(serial(cluster, 2, key)).toBe("DAMAGED");
  cluster.at(3).boot();
  cluster.run(3_000);
  expect(increment(cluster, 1, key)).toBe("OK 2");
  cluster.run(100);
  expect(decodeAcceptorRow(rows.get(name) ?? sound)?.record.length).toBeGreaterThan(0);
  cluster.at(3).crash();
  cluster.run(100);
  expect(increment(cluster, 1, key)).toBe("OK 3");
});

it("what others have finished and built on is not made a second time by its proposer", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  increment(cluster, 1, key);
  cluster.run(100);
  cluster.at(1).storage.held = true;
  const ask = propose(cluster, 1, key, { change: "increment", value: "1", want: "after", timeoutMs: 5_000 });
  cluster.sendFrom(1, 2);
  cluster.at(2).storage.pump();
  // Accepted by 2, which cannot say so.
  for (const other of [2, 3]) cluster.cut(1, other);
  expect(increment(cluster, 3, key)).toBe("OK 3");
  cluster.at(1).storage.held = false;
  cluster.heal();
  cluster.run(3_000);
  expect(said(ask)).toBe("UNKNOWN");
  expect(serial(cluster, 2, key)).toBe("OK 3");
});

it("what was promised and accepted outlives a power cut", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  increment(cluster, 1, key);
  cluster.run(100);
  const acceptedAt = (id: number): Uint8Array => {
    const { rows } = cluster.at(id).storage;
    const name = [...rows.keys()].find((one) => one.charCodeAt(0) === 0x38 && one.endsWith(key)) ?? "";
    return decodeAcceptorRow(rows.get(name) ?? new Uint8Array())?.record ?? new Uint8Array();
  };
  const before = acceptedAt(2);
  const ask = propose(cluster, 1, key, { change: "increment", value: "1", want: "after" });
  cluster.sendFrom(1, 2);
  cluster.at(2).storage.pump();
  // It has answered by now, and nothing was committed since that would have taken it to the disk along.
  for (const id of [1, 2, 3]) cluster.at(id).crash();
  expect(said(ask)).toBe("-");
  expect(acceptedAt(2)).not.toEqual(before);
  for (const id of [2, 3]) cluster.at(id).boot();
  cluster.run(3_000);
  expect(serial(cluster, 3, key)).toBe("OK 2");
});
