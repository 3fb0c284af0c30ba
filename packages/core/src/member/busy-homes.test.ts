/** Homes that have no room for a question or for its answer: whoever asks is told, and asks them again. */
import { expect, test } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import type { GetResult } from "../coordinator/request.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import { flipped } from "../storage/held-storage.fixture.ts";
import { type Answer, TestCluster, keyAt } from "./cluster.fixture.ts";

const BIG = "x".repeat(100_000);

function restart(cluster: TestCluster, ...ids: number[]): void {
  for (const id of ids) {
    cluster.at(id).crash();
    cluster.at(id).boot();
  }
  cluster.run(3_000);
}

function get(cluster: TestCluster, at: number, key: string, r: number): Answer<GetResult> {
  const answer: Answer<GetResult> = { result: null };
  const request = {
    namespace: 1,
    key: latin1Encode(key),
    r,
    headOnly: false,
    repair: "none",
    timeoutMs: 4_000,
  } as const;
  cluster.at(at).member?.get(request, { onGet: (_tag, result) => (answer.result = result) }, 0);
  return answer;
}

test("a read that a home is too busy to take is asked of it again", () => {
  const cluster = new TestCluster(3, { operationsMax: 4 });
  const key = keyAt(cluster, 1);
  cluster.set(1, key, "v", { w: 3 });
  restart(cluster, 2);
  const { storage } = cluster.at(2);
  storage.silent = true;
  const user = { onExplained: () => undefined };
  for (let i = 0; i < 4; i++) cluster.at(1).member?.explain(1, latin1Encode(`other-${i}`), 10_000, user, 0);
  cluster.pump();
  const answer = get(cluster, 3, key, 3);
  cluster.run(10);
  expect(answer.result).toBeNull();
  storage.silent = false;
  cluster.run(1_000);
  expect(answer.result?.code).toBe("OK");
});

test("a write to a damaged record does not wait long for a home whose link was full", () => {
  const cluster = new TestCluster(3);
  const key = keyAt(cluster, 1);
  expect(cluster.set(1, key, BIG, { w: 3 }).code).toBe("OK");
  restart(cluster, 1);
  const { rows } = cluster.at(1).storage;
  for (const [name, row] of rows) if (isRecordKey(latin1Encode(name))) rows.set(name, flipped(row));
  cluster.at(2).fullBulk = true;
  const put = cluster.put(1, key, "v2", { w: 2, timeoutMs: 4_000 });
  cluster.run(50);
  expect(put.result).toBeNull();
  cluster.at(2).fullBulk = false;
  cluster.run(200);
  expect(put.result?.code).toBe("OK");
  expect(cluster.at(1).notices).toContain("record-healed");
});

test("a slow home is not asked for its large record again because another's link was full", () => {
  const cluster = new TestCluster(4);
  let key = "";
  for (let i = 0; cluster.explain(1, key).homes.includes(4); i++) key = `big-${i}`;
  const homes = [1, 2, 3];
  expect(cluster.set(1, key, BIG, { w: 3 }).code).toBe("OK");
  restart(cluster, 2, 3);
  cluster.at(1).fullBulk = true;
  const asked = new Map(homes.map((id) => [id, 0]));
  for (const id of homes) {
    const { member, storage } = cluster.at(id);
    if (member === null) throw new Error("a member is down");
    storage.silent = id !== 1;
    const { messages } = member;
    const take = messages.onRead.bind(messages);
    messages.onRead = (...message) => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      take(...message);
    };
  }
  get(cluster, 4, key, 2);
  cluster.run(3_000);
  expect(asked.get(1)).toBeGreaterThan(5);
  expect([asked.get(2), asked.get(3)].map((times = 0) => times <= 2)).toEqual([true, true]);
});

/** Siblings of 60,000 bytes that an overwrite drops at all three homes. */
function dropLarge(cluster: TestCluster): void {
  const key = keyAt(cluster, 1);
  const context = cluster.get(1, key).token();
  for (const letter of ["a", "b"]) cluster.set(1, key, letter.repeat(60_000), { context, w: 3 });
  cluster.remove(1, key, { w: 3 });
}

test("a page of conflicts that finds a full link, or a link that goes, counts as not asked for, at once", () => {
  const cluster = new TestCluster(3);
  dropLarge(cluster);
  cluster.at(1).fullBulk = true;
  const fromMs = cluster.nowMs;
  expect(cluster.conflicts(2, { timeoutMs: 4_000 })).toMatchObject({ code: "OK", unasked: [1] });
  expect(cluster.nowMs).toBe(fromMs);
  cluster.at(1).fullBulk = false;
  expect(cluster.conflicts(2).unasked).toEqual([]);
});

test("conflicts are not looked for by a member that has too much to do", () => {
  const cluster = new TestCluster(3, { operationsMax: 4 });
  cluster.at(2).storage.silent = true;
  const user = { onExplained: () => undefined };
  for (let i = 0; i < 4; i++) cluster.at(2).member?.explain(1, latin1Encode(`other-${i}`), 10_000, user, 0);
  expect(cluster.conflicts(2)).toEqual({ code: "OVERLOADED", entries: [], unasked: [], next: null });
});
