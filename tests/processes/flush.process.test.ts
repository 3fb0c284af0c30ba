/** FLUSHALL and FLUSHDB where they are allowed, by redis-cli, against three real members of whom some may be gone. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { until } from "./patience.fixture.ts";

const run = promisify(execFile);

const KEYS = 5_000;

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(30_000, 3, ["--allow-flush", "--namespace", "carts:siblings"]);
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

async function cli(member: number, input: string): Promise<string> {
  const child = run("redis-cli", ["-p", String(cluster.port(member))]);
  child.child.stdin?.end(input);
  return (await child).stdout.trimEnd();
}

async function ready(member: number): Promise<Redis> {
  const client = cluster.client(member);
  await new Promise((resolve) => client.once("ready", resolve));
  return client;
}

async function fill(): Promise<void> {
  const client = await ready(3);
  const pipeline = client.pipeline();
  for (let index = 0; index < KEYS; index++) pipeline.set(`key:${index}`, "v");
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
  client.disconnect();
}

test("every key of the namespace goes, at every member, and no key of another", async () => {
  await fill();
  expect(await cli(2, "KV.USE carts\nSET cart apples\n")).toBe("OK\nOK");
  expect(await cli(1, "FLUSHALL\n")).toBe("OK");
  for (const member of cluster.members) {
    expect(await cli(member, "GET key:7\nSCAN 0 COUNT 100000\n")).toBe("\n0");
    expect(await cli(member, "KV.USE carts\nGET cart\nKEYS *\n")).toBe("OK\napples\ncart");
  }
  expect(cluster.logOf(1)).toContain('"event":"flush"');
  expect(await cli(3, "KV.USE carts\nFLUSHDB ASYNC\nSCAN 0\nFLUSHDB\n")).toBe("OK\nOK\n0\n\nOK");
});

test("it goes on without one member, and what that one has missed does not come back", async () => {
  await fill();
  await cluster.do("kill", 2);
  await until("both have noticed", async () => (await cli(1, "FLUSHDB\n")) === "OK");
  await cluster.do("start", 2);
  await cluster.serves();
  expect(await cli(2, "GET key:7\nEXISTS key:1 key:2 key:3\nSCAN 0 COUNT 100000\n")).toBe("\n0\n0");
});

test("without a quorum nothing is deleted, and the error is definite", async () => {
  await fill();
  await cluster.do("kill", 2, 3);
  await until("it has noticed", async () => (await cli(1, "GET key:7\n")).startsWith("QUORUM"));
  expect(await cli(1, "FLUSHDB\n")).toMatch(/^QUORUM /);
  expect(await cli(1, "KV.DEFAULTS R one\nGET key:7\n")).toBe("OK\nv");
  await cluster.do("start", 2, 3);
  await cluster.serves();
  expect(await cli(3, "GET key:7\nFLUSHALL SYNC\nGET key:7\n")).toBe("v\nOK");
});
