/** Clients that people use, unmodified, against the face with a member in memory behind it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { describe, expect, onTestFinished, test } from "vitest";
import { testMember } from "./memory-member.fixture.ts";
import { startFace, type TestFace } from "./resp-server.fixture.ts";

const run = promisify(execFile);

/**
 * Members whose topology says where their faces really listen; the first of them. They share nothing: a client that
 * went to another member than a key's master would not find it.
 */
async function startCluster(size = 1): Promise<TestFace> {
  const faces: TestFace[] = [];
  for (let id = 1; id <= size; id++) faces.push(await startFace({ id }));
  const members = faces.map(({ port }, i) => testMember(i + 1, "127.0.0.1", port));
  for (const { member } of faces) {
    const preferenceLists = member.topology.preferenceLists.map((_, partition) => ({
      homes: members.map((_member, i) => 1 + ((partition + i) % size)),
      fallbacks: [],
    }));
    member.topology = { ...member.topology, members, preferenceLists };
  }
  const [first] = faces;
  if (first === undefined) throw new Error("a cluster has a member");
  return first;
}

describe("redis-cli", () => {
  async function cli(face: TestFace, ...words: string[]): Promise<string> {
    const { stdout } = await run("redis-cli", ["-p", String(face.port), ...words]);
    return stdout.trimEnd();
  }

  test("one command a call", async () => {
    const face = await startCluster();
    expect(await cli(face, "set", "greeting", "hello")).toBe("OK");
    expect(await cli(face, "get", "greeting")).toBe("hello");
    expect(await cli(face, "-c", "get", "greeting")).toBe("hello");
    expect(await cli(face, "-3", "get", "nothing")).toBe("");
    expect(await cli(face, "-3", "hello")).toContain("proto");
    expect(await cli(face, "dbsize")).toBe("1");
    expect(await cli(face, "nosuch")).toContain("ERR unknown command 'nosuch'");
    expect(await cli(face, "kv.put", "cart", "apples", "w", "1", "durability", "fsync")).toContain("fsynced");
  });

  test("a script of inline commands, and values through standard input", async () => {
    const face = await startCluster();
    const child = run("redis-cli", ["-p", String(face.port)]);
    child.child.stdin?.end('SET "a key" "a \\"value\\""\nGET "a key"\nPING\n');
    expect((await child).stdout).toBe('OK\na "value"\nPONG\n');
    const piped = run("redis-cli", ["-p", String(face.port), "-x", "set", "binary"]);
    piped.child.stdin?.end(Buffer.from([0, 255, 13, 10]));
    expect((await piped).stdout).toBe("OK\n");
    expect(face.member.valueOf("binary")).toBe("\0\xff\r\n");
  });

  test("bulk loading", async () => {
    const face = await startCluster();
    const child = run("redis-cli", ["-p", String(face.port), "--pipe"]);
    child.child.stdin?.end(Array.from({ length: 5000 }, (_, i) => `SET key-${i} ${i}\r\n`).join(""));
    expect((await child).stdout).toContain("errors: 0, replies: 5000");
    expect(face.member.valueOf("key-4999")).toBe("4999");
  });

  test("cluster info", async () => {
    const face = await startCluster(3);
    const { stdout } = await run("redis-cli", ["--cluster", "info", `127.0.0.1:${face.port}`]);
    expect(stdout.match(/-> 0 keys | [56]\d* slots/g)?.length).toBeGreaterThanOrEqual(3);
  });
});

describe("redis-benchmark", () => {
  test.each([[[]], [["-P", "16"]], [["--cluster"]], [["--cluster", "-P", "16"]]])("%j", async (words) => {
    const face = await startCluster(3);
    const common = [
      "-h",
      "127.0.0.1",
      "-p",
      String(face.port),
      "-t",
      "set,get,mset",
      "-n",
      "2000",
      "-r",
      "1000",
      "-c",
      "10",
      "-q",
    ];
    const { stdout, stderr } = await run("redis-benchmark", [...words, ...common]);
    expect(stdout).toMatch(/SET: [\d.]+ requests per second/);
    expect(stdout).toMatch(/GET: [\d.]+ requests per second/);
    expect(`${stdout}${stderr}`).not.toMatch(/error|warning/i);
  });
});

describe("ioredis", () => {
  test("one connection", async () => {
    const face = await startCluster();
    const client = new Redis(face.port, "127.0.0.1", { connectionName: "app" });
    onTestFinished(() => client.disconnect());
    expect(await client.set("k", "v", "EX", 100)).toBe("OK");
    expect(await client.get("k")).toBe("v");
    expect(await client.ttl("k")).toBe(100);
    expect(await client.getBuffer("k")).toEqual(Buffer.from("v"));
    expect(await client.mset({ a: "1", b: "2" })).toBe("OK");
    expect(await client.mget("a", "b", "c")).toEqual(["1", "2", null]);
    expect(await client.del("a", "b", "c")).toBe(2);
    expect(await client.client("GETNAME")).toBe("app");
    expect(await client.expire("k", 50, "LT")).toBe(1);
    expect(await client.getex("k", "PERSIST")).toBe("v");
    expect(await client.ttl("k")).toBe(-1);
    expect(await client.client("KILL", "ID", 99)).toBe(0);
    expect((await client.time()).map(Number)).toHaveLength(2);
    const replies = await client.pipeline().set("p", "1").get("p").call("nosuch").exec();
    expect(replies?.map(([, value]) => value)).toEqual(["OK", "1", undefined]);
    expect(replies?.[2]?.[0]?.message).toContain("unknown command");
    expect(await client.quit()).toBe("OK");
  });

  test("a cluster", async () => {
    const face = await startCluster(3);
    const client = new Cluster([{ host: "127.0.0.1", port: face.port }]);
    onTestFinished(() => client.disconnect());
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
    await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)));
    const values = await Promise.all(keys.map((key) => client.get(key)));
    expect(values).toEqual(keys.map((key) => `value of ${key}`));
    expect(client.nodes("master")).toHaveLength(3);
  });
});

describe("node-redis", () => {
  test.each([2, 3] as const)("one connection, RESP%d", async (protocol) => {
    const face = await startCluster();
    const client = createClient({ url: `redis://127.0.0.1:${face.port}`, RESP: protocol, name: "app" });
    await client.connect();
    onTestFinished(() => client.destroy());
    expect(await client.set("k", "v", { expiration: { type: "PX", value: 5000 } })).toBe("OK");
    expect(await client.get("k")).toBe("v");
    expect(await client.get("nothing")).toBeNull();
    expect(await client.pTTL("k")).toBe(5000);
    expect(await client.mGet(["k", "l"])).toEqual(["v", null]);
    expect(await client.exists(["k", "l"])).toBe(1);
    expect(await client.clientGetName()).toBe("app");
    expect(await client.configGet("appendonly")).toMatchObject({ appendonly: "yes" });
    expect(await client.sendCommand(["KV.GET", "k"])).toBeTruthy();
    expect(await client.getEx("k", { type: "PX", value: 9000 })).toBe("v");
    expect([await client.pTTL("k"), await client.persist("k"), await client.ttl("k")]).toEqual([9000, 1, -1]);
    expect(await client.clientInfo()).toMatchObject({ id: 1, name: "app", user: "default" });
    expect((await client.clientList()).map(({ id }) => id)).toEqual([1]);
    expect(await client.clientKill({ filter: "ID", id: 99 })).toBe(0);
    expect(await client.clientNoEvict(true)).toBe("OK");
    expect(await client.commandGetKeys(["get", "k"])).toEqual(["k"]);
    const many = await Promise.all(Array.from({ length: 3000 }, (_, i) => client.set(`key-${i}`, String(i))));
    expect(new Set(many)).toEqual(new Set(["OK"]));
    expect(await client.del(["k", "l"])).toBe(1);
    await expect(client.sendCommand(["nosuch"])).rejects.toThrow("unknown command");
  });

  test("a cluster", async () => {
    const face = await startCluster(3);
    const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${face.port}` }] });
    await client.connect();
    onTestFinished(() => client.destroy());
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
    await Promise.all(keys.map((key) => client.set(key, key)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    expect(client.masters).toHaveLength(3);
  });
});
