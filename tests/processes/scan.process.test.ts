/** All keys of a real cluster, with the clients people scan with, while the member that is asked dies and returns. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Cluster, type Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";

const run = promisify(execFile);

const KEYS = 20_000;
const OTHERS = 500;
const USERS = Array.from({ length: KEYS }, (_, index) => `user:${index}`);
/** Of a client that is written to all at once. */
const BATCH = 1_000;

let cluster: LocalCluster;
let client: Redis;
beforeAll(async () => {
  cluster = await LocalCluster.start(31_000);
  client = await ready(1);
  const names = [...USERS, ...Array.from({ length: OTHERS }, (_, index) => `other:${index}`)];
  for (let at = 0; at < names.length; at += BATCH) {
    const pipeline = client.pipeline();
    for (const name of names.slice(at, at + BATCH)) pipeline.set(name, "v");
    const replies = (await pipeline.exec()) ?? [];
    for (const [error] of replies) if (error !== null) throw error;
  }
}, 180_000);
afterAll(() => cluster.dispose(), 120_000);

async function ready(member: number): Promise<Redis> {
  const fresh = cluster.client(member);
  await new Promise((resolve) => fresh.once("ready", resolve));
  return fresh;
}

function expectAllOnce(found: readonly string[], all: readonly string[] = USERS): void {
  expect(found.length).toBe(new Set(found).size);
  expect(new Set(found)).toEqual(new Set(all));
}

async function scanStream(from: Redis): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of from.scanStream({ match: "user:*", count: 1_000 }))
    found.push(...(keys as string[]));
  return found;
}

test("redis-cli --scan shows each of them once, from a member that was not written to", async () => {
  const pipe = `redis-cli -p ${cluster.port(2)} --scan --pattern 'user:*' | sort`;
  const twice = await run("/bin/sh", ["-c", `${pipe} | uniq -d | wc -l`]);
  expect(twice.stdout.trim()).toBe("0");
  const all = await run("/bin/sh", ["-c", `${pipe} | wc -l`]);
  expect(all.stdout.trim()).toBe(String(KEYS));
  const incluster = await run("redis-cli", [
    "-c",
    "-p",
    String(cluster.port(3)),
    "--scan",
    "--pattern",
    "other:*",
  ]);
  expect(incluster.stdout.trim().split("\n")).toHaveLength(OTHERS);
});

test("a scan goes on at another member when its own is killed, and at that one when it has returned", async () => {
  const found: string[] = [];
  let cursor = "0";
  let asked = await ready(3);
  let pages = 0;
  do {
    if (pages === 10) {
      await cluster.do("kill", 3);
      asked = client;
    }
    if (pages === 40) {
      await cluster.do("start", 3);
      await cluster.serves();
      asked = await ready(3);
    }
    const [next, keys] = await asked.scan(cursor, "MATCH", "user:*", "COUNT", 200);
    cursor = next;
    found.push(...keys);
    pages++;
  } while (cursor !== "0");
  expect(pages).toBeGreaterThan(60);
  expectAllOnce(found);
});

test("without a majority of the homes a scan is refused at once, and says how many there are", async () => {
  await cluster.do("kill", 2, 3);
  try {
    await expect(async () => {
      for (;;) await client.scan(0);
    }).rejects.toThrow(/^QUORUM only 1 of the 2 homes/);
  } finally {
    await cluster.do("start", 2, 3);
    await cluster.serves();
  }
});

test("ioredis, on one member and through a cluster", async () => {
  expectAllOnce(await scanStream(await ready(2)));
  const roots = cluster.members.map((member) => ({ host: "127.0.0.1", port: cluster.port(member) }));
  const many = new Cluster(roots);
  onTestFinished(() => many.disconnect());
  await many.get("user:1");
  const [first] = many.nodes("master");
  if (first === undefined) throw new Error("there is a master");
  expectAllOnce(await scanStream(first));
});

test("node-redis, on one member and through a cluster", async () => {
  const one = createClient({ url: `redis://127.0.0.1:${cluster.port(3)}` });
  await one.connect();
  onTestFinished(() => one.destroy());
  const found: string[] = [];
  for await (const keys of one.scanIterator({ MATCH: "user:*", COUNT: 1_000 })) found.push(...keys);
  expectAllOnce(found);
  const rootNodes = cluster.members.map((member) => ({ url: `redis://127.0.0.1:${cluster.port(member)}` }));
  const many = createCluster({ rootNodes });
  await many.connect();
  onTestFinished(() => many.destroy());
  const [master] = many.masters;
  if (master === undefined) throw new Error("there is a master");
  const node = await many.nodeClient(master);
  const through: string[] = [];
  for await (const keys of node.scanIterator({ MATCH: "user:*", COUNT: 1_000 })) through.push(...keys);
  expectAllOnce(through);
});

test("KEYS, RANDOMKEY, DBSIZE and the keys of a slot agree", async () => {
  const reader = await ready(3);
  expectAllOnce(await reader.keys("user:*"));
  expect(await reader.dbsize()).toBe(KEYS + OTHERS);
  const drawn = await Promise.all(Array.from({ length: 50 }, () => reader.randomkey()));
  expect(drawn.every((key) => key !== null && /^(user|other):\d+$/.test(key))).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(40);
  await reader.mset({ "{slot}1": "1", "{slot}2": "2", "{slot}3": "3" });
  const slot = await reader.cluster("KEYSLOT", "{slot}");
  const inSlot = await reader.cluster("GETKEYSINSLOT", slot, 1_000);
  expect(inSlot).toEqual(expect.arrayContaining(["{slot}1", "{slot}2", "{slot}3"]));
  expect(await reader.cluster("COUNTKEYSINSLOT", slot)).toBe(inSlot.length);
});
