/** Clients that people use, unmodified, against three real members; whatever one writes another can read. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { until } from "./patience.fixture.ts";

const run = promisify(execFile);

const VALUE_BYTES_MAX = 1024 * 1024;
const KEY_BYTES_MAX = 4 * 1024;
const PIPELINE = 10_000;

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(26_000);
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

async function cli(member: number, ...words: string[]): Promise<string> {
  const { stdout } = await run("redis-cli", ["-p", String(cluster.port(member)), ...words]);
  return stdout.trimEnd();
}

async function piped(input: string | Buffer, ...words: string[]): Promise<string> {
  const child = run("redis-cli", ["-p", String(cluster.port(1)), ...words]);
  child.child.stdin?.end(input);
  return (await child).stdout.trimEnd();
}

describe("redis-cli", () => {
  test("what the README shows", async () => {
    expect(await cli(1, "set", "greeting", "hello")).toBe("OK");
    expect(await cli(3, "get", "greeting")).toBe("hello");
    expect(await cli(2, "-c", "get", "greeting")).toBe("hello");
    expect(await cli(2, "-3", "get", "greeting")).toBe("hello");
    expect(await cli(2, "-3", "get", "nothing at all")).toBe("");
    const receipt = await cli(1, "kv.put", "cart", "apples", "w", "2", "durability", "fsync");
    expect(receipt.split("\n")).toEqual(expect.arrayContaining(["context", "fsynced", "homes", "epoch"]));
    expect(await cli(3, "kv.get", "cart")).toContain("apples");
    expect(await cli(3, "-3", "kv.explain", "cart")).toContain("equal (true)");
    expect(await cli(2, "del", "cart")).toBe("1");
    expect(await cli(1, "exists", "cart", "greeting")).toBe("1");
    expect(await cli(2, "expire", "greeting", "1000")).toBe("1");
    expect(await cli(3, "-3", "getex", "greeting", "persist")).toBe("hello");
    expect(await cli(1, "ttl", "greeting")).toBe("-1");
    expect(await cli(1, "-3", "client", "list")).toContain(" resp=3 ");
    expect(await cli(1, "kv.use", "nosuch")).toBe("ERR no namespace 'nosuch'; this cluster has default");
  });

  test("inline commands and values through a pipe, and bulk loading", async () => {
    expect(await piped('SET "a key" "a \\"value\\""\nGET "a key"\nPING\n')).toBe('OK\na "value"\nPONG');
    expect(await piped(Buffer.from([0, 255, 13, 10, 7]), "-x", "set", "piped")).toBe("OK");
    expect(await cli(2, "--no-raw", "get", "piped")).toBe(String.raw`"\x00\xff\r\n\a"`);
    const commands = Array.from({ length: 3000 }, (_, index) => `SET loaded-${index} ${index}\r\n`).join("");
    expect(await piped(commands, "--pipe")).toContain("errors: 0, replies: 3000");
    expect(await cli(3, "get", "loaded-2999")).toBe("2999");
  });
});

test.each([[[]], [["-P", "16"]], [["--cluster"]], [["--cluster", "-P", "16"]]])(
  "redis-benchmark %j",
  async (words) => {
    const sizes = ["-t", "set,get", "-n", "3000", "-r", "1000", "-c", "20", "-q"];
    const { stdout, stderr } = await run("redis-benchmark", [
      ...words,
      "-p",
      String(cluster.port(1)),
      ...sizes,
    ]);
    expect(stdout).toMatch(/SET: [\d.]+ requests per second/);
    expect(stdout).toMatch(/GET: [\d.]+ requests per second/);
    expect(`${stdout}${stderr}`).not.toMatch(/error|warning/i);
  },
);

describe.each([2, 3] as const)("ioredis, RESP%d", (protocol) => {
  function single(member: number): Redis {
    const client = new Redis(cluster.port(member), "127.0.0.1", { protocol });
    onTestFinished(() => client.disconnect());
    return client;
  }

  function many(): Cluster {
    const roots = cluster.members.map((member) => ({ host: "127.0.0.1", port: cluster.port(member) }));
    const client = new Cluster(roots, { redisOptions: { protocol } });
    onTestFinished(() => client.disconnect());
    return client;
  }

  test("bytes of all kinds in keys and values", async () => {
    const [writer, reader] = [single(1), single(3)];
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const key of [every, Buffer.from("{tag}\0\r\n"), randomBytes(KEY_BYTES_MAX), Buffer.alloc(1)]) {
      const value = Buffer.concat([randomBytes(300), every]);
      expect(await writer.set(key, value)).toBe("OK");
      expect(await reader.getBuffer(key)).toEqual(value);
    }
    await writer.set("empty", "");
    expect(await reader.get("empty")).toBe("");
  });

  test("values up to the limit, and an error that names it beyond", async () => {
    const [writer, reader] = [single(2), single(1)];
    for (const length of [VALUE_BYTES_MAX - 1, VALUE_BYTES_MAX]) {
      const value = randomBytes(length);
      expect(await writer.set("large", value)).toBe("OK");
      expect((await reader.getBuffer("large"))?.equals(value)).toBe(true);
    }
    const tooLarge = writer.set("large", Buffer.alloc(VALUE_BYTES_MAX + 1));
    await expect(tooLarge).rejects.toThrow(/^TOOLARGE.*1048577.*1048576.*valueBytesMax/);
    await expect(writer.set(Buffer.alloc(KEY_BYTES_MAX + 1), "v")).rejects.toThrow(/^TOOLARGE.*keyBytesMax/);
    expect(await writer.ping()).toBe("PONG");
    expect((await reader.getBuffer("large"))?.length).toBe(VALUE_BYTES_MAX);
  });

  test(`a pipeline of ${PIPELINE}, answered in order`, async () => {
    const pipeline = single(1).pipeline();
    const half = Array.from({ length: PIPELINE / 2 }, (_, index) => `line-${protocol}-${index}`);
    for (const key of half) pipeline.set(key, key);
    for (const key of half) pipeline.get(key);
    const replies = (await pipeline.exec()) ?? [];
    expect(replies).toEqual([...half.map(() => [null, "OK"]), ...half.map((key) => [null, key])]);
  });

  test("MSET and MGET over many slots", async () => {
    const pairs = new Map(
      Array.from({ length: 500 }, (_, index) => [`many-${protocol}-${index}`, `v${index}`]),
    );
    expect(await single(2).mset(pairs)).toBe("OK");
    expect(await single(3).mget([...pairs.keys(), "nothing at all"])).toEqual([...pairs.values(), null]);
    expect(await single(1).del(...pairs.keys())).toBe(500);
    expect(await single(2).exists(...pairs.keys())).toBe(0);
  });

  test("times to live", async () => {
    const [writer, reader] = [single(1), single(2)];
    const key = `mortal-${protocol}`;
    await writer.set(key, "v", "EX", 1000);
    expect(await reader.ttl(key)).toBeGreaterThan(900);
    await writer.set(key, "v", "PXAT", Date.now() + 500_000);
    const leftMs = await reader.pttl(key);
    expect(leftMs).toBeGreaterThan(400_000);
    expect(leftMs).toBeLessThanOrEqual(500_000 + 60_000);
    await writer.set(key, "v");
    expect(await reader.ttl(key)).toBe(-1);
    await writer.set(key, "v", "PX", 50);
    await until("it has expired", async () => (await reader.get(key)) === null);
    expect(await writer.ttl(key)).toBe(-2);
    expect(await reader.exists(key)).toBe(0);
  });

  test("times to live that change", async () => {
    const [writer, reader] = [single(1), single(2)];
    const key = Buffer.from(`{changing-${protocol}}\0\xff`, "latin1");
    const value = randomBytes(2000);
    expect(await writer.setex(key, 1000, value)).toBe("OK");
    expect(await reader.expire(key, 2000, "GT")).toBe(1);
    expect(await writer.expire(key, 1500, "GT")).toBe(0);
    expect(await reader.expireat(key, 4_000_000_000)).toBe(1);
    expect(await writer.call("EXPIRETIME", key)).toBe(4_000_000_000);
    expect(await reader.getexBuffer(key, "PXAT", 4_000_000_000_123)).toEqual(value);
    expect(await writer.set(key, "kept", "KEEPTTL")).toBe("OK");
    expect(await reader.call("PEXPIRETIME", key)).toBe(4_000_000_000_123);
    expect(await writer.persist(key)).toBe(1);
    expect(await reader.ttl(key)).toBe(-1);
    expect(await writer.getrange(key, 1, -2)).toBe("ep");
    expect([await reader.strlen(key), await reader.type(key)]).toEqual([4, "string"]);
    expect([await writer.touch(key, "nothing at all"), await writer.unlink(key)]).toEqual([1, 1]);
    expect([await reader.type(key), await reader.exists(key)]).toEqual(["none", 0]);
  });

  test("a connection's defaults, and what is known about it", async () => {
    const client = new Redis(cluster.port(3), "127.0.0.1", { protocol, connectionName: "defaults" });
    onTestFinished(() => client.disconnect());
    expect(await client.call("KV.DEFAULTS", "W", "all", "DURABILITY", "os")).toBe("OK");
    expect(await client.set("by default", "v")).toBe("OK");
    const receipt = JSON.stringify(await client.call("KV.PUT", "by default", "v"));
    expect(receipt).toMatch(/"fsynced"[,:]0/);
    expect(receipt).toMatch(/"w"[,:]3/);
    expect(await client.client("LIST")).toMatch(/ name=defaults /);
    expect(await client.client("INFO")).toMatch(new RegExp(` resp=${protocol} `));
    expect(await client.call("RESET")).toBe("RESET");
  });

  test("as a cluster", async () => {
    const client = many();
    const keys = Array.from({ length: 300 }, (_, index) => `spread-${protocol}-${index}`);
    await Promise.all(keys.map((key) => client.set(key, `of ${key}`)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `of ${key}`));
    expect(client.nodes("master")).toHaveLength(3);
    await client.mset({ "{t}a": "1", "{t}b": "2" });
    expect(await client.mget("{t}a", "{t}b")).toEqual(["1", "2"]);
  });
});

describe.each([2, 3] as const)("node-redis, RESP%d", (RESP) => {
  test("one connection", async () => {
    const client = createClient({ url: `redis://127.0.0.1:${cluster.port(2)}`, RESP });
    await client.connect();
    onTestFinished(() => client.destroy());
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const [key, value] = [randomBytes(100), randomBytes(5000)];
    expect(await client.set(key, value, { expiration: { type: "EX", value: 500 } })).toBe("OK");
    expect(await bytes.get(key)).toEqual(value);
    expect(await client.ttl(key)).toBeGreaterThan(400);
    const names = Array.from({ length: PIPELINE }, (_, index) => `node-${RESP}-${index}`);
    expect(new Set(await Promise.all(names.map((name) => client.set(name, name))))).toEqual(new Set(["OK"]));
    const slices = [names.slice(0, PIPELINE / 4), names.slice(PIPELINE / 4, PIPELINE / 2)];
    for (const slice of slices) expect(await client.mGet(slice)).toEqual(slice);
    await expect(client.mGet(names)).rejects.toThrow(/^TOOLARGE .*10000 keys.*4096/);
    await expect(client.set("large", Buffer.alloc(VALUE_BYTES_MAX + 1))).rejects.toThrow(/^TOOLARGE/);
    expect(await client.sendCommand(["KV.GET", names[0] ?? "", "R", "all"])).toBeTruthy();
    expect(await client.expire(key, 1000, "GT")).toBe(1);
    expect(await bytes.getEx(key, { type: "EXAT", value: 4_000_000_000 })).toEqual(value);
    expect(await client.expireTime(key)).toBe(4_000_000_000);
    expect(await client.set(key, "v", { expiration: "KEEPTTL" })).toBe("OK");
    expect(await client.expireTime(key)).toBe(4_000_000_000);
    expect([await client.persist(key), await client.ttl(key)]).toEqual([1, -1]);
    const { id } = await client.clientInfo();
    expect((await client.clientList()).map((each) => each.id)).toContain(id);
    expect(await client.commandGetKeys(["mset", "a", "1", "b", "2"])).toEqual(["a", "b"]);
  });

  test("as a cluster", async () => {
    const rootNodes = cluster.members.map((member) => ({ url: `redis://127.0.0.1:${cluster.port(member)}` }));
    const client = createCluster({ rootNodes, RESP });
    await client.connect();
    onTestFinished(() => client.destroy());
    const keys = Array.from({ length: 300 }, (_, index) => `node-spread-${RESP}-${index}`);
    await Promise.all(keys.map((key) => client.set(key, key)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    expect(client.masters).toHaveLength(3);
  });
});

describe("EXPIRE and GETEX beside other writes of the same key, at different members", () => {
  interface Race {
    readonly name: string;
    readonly left: string | null;
    /** Three members, in turn. */
    readonly run: (key: string, a: Redis, b: Redis, c: Redis) => readonly Promise<unknown>[];
  }

  const races: readonly Race[] = [
    {
      name: "a value that is set stays",
      left: "new",
      run: (key, a, b, c) => [a.expire(key, 500), b.set(key, "new"), c.getex(key, "EX", 700)],
    },
    {
      name: "a key that is deleted stays deleted",
      left: null,
      run: (key, a, b, c) => [a.expire(key, 500), b.del(key), c.getex(key, "EX", 700)],
    },
    {
      name: "all at once leave one value",
      left: "old",
      run: (key, a, b, c) => [
        a.expire(key, 500),
        b.persist(key),
        c.getex(key, "EX", 700),
        a.pexpire(key, 9e5),
      ],
    },
  ];

  test.each(races)("$name", async ({ left, run: race }) => {
    const clients = cluster.members.map((member) => cluster.client(member));
    await Promise.all(clients.map((client) => new Promise((resolve) => client.once("ready", resolve))));
    const keys = Array.from({ length: 60 }, (_, index) => `raced-${left}-${index}`);
    for (const [index, key] of keys.entries()) {
      const [a, b, c] = [0, 1, 2].map((turn) => clients[(index + turn) % 3]);
      if (a === undefined || b === undefined || c === undefined) throw new Error("there are three members");
      await a.set(key, "old", "EX", 1000);
      await Promise.all(race(key, a, b, c));
      expect([key, await c.get(key)]).toEqual([key, left]);
      const [, versions] = (await b.call("KV.GET", key, "R", "all")) as [string, unknown[]];
      expect([key, versions.length]).toEqual([key, left === null ? 0 : 1]);
    }
  });
});

describe("a cluster client goes on while a member dies and returns", () => {
  interface Client {
    set(key: string, value: string): Promise<unknown>;
    get(key: string): Promise<unknown>;
  }

  let turn = 0;

  /** Every key once more: what fails is tried again, but what is read is what was written last. */
  async function goesOn(client: Client): Promise<void> {
    turn++;
    for (let index = 0; index < 30; index++) {
      const [key, value] = [`through-${index}`, `${index} in turn ${turn}`];
      let read: unknown = null;
      await until(`${key} can be written`, () => succeeds(client.set(key, value)));
      await until(`${key} can be read`, () => succeeds(client.get(key).then((found) => (read = found))));
      expect(read).toBe(value);
    }
  }

  function succeeds(request: Promise<unknown>): Promise<boolean> {
    return request.then(
      () => true,
      () => false,
    );
  }

  /** Kills and restarts one after the other; how many members could go while it went on. */
  async function through(victims: readonly number[], client: Client): Promise<number> {
    await goesOn(client);
    let gone = 0;
    for (const member of victims) {
      await cluster.do("kill", member);
      await goesOn(client);
      await cluster.do("start", member);
      await cluster.serves();
      await goesOn(client);
      gone++;
    }
    return gone;
  }

  test("ioredis", { timeout: 300_000 }, async () => {
    const roots = cluster.members.map((member) => ({ host: "127.0.0.1", port: cluster.port(member) }));
    const client = new Cluster(roots, { clusterRetryStrategy: () => 50, slotsRefreshInterval: 500 });
    client.on("error", () => undefined);
    onTestFinished(() => client.disconnect());
    expect(await through(cluster.members, client)).toBe(3);
  });

  test("node-redis", { timeout: 300_000 }, async () => {
    const rootNodes = cluster.members.map((member) => ({ url: `redis://127.0.0.1:${cluster.port(member)}` }));
    const client = createCluster({ rootNodes });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => client.destroy());
    // It takes seconds to believe that a member is gone.
    expect(await through([2], client)).toBe(1);
  });
});
