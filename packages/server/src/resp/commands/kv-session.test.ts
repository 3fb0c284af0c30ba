import { expect, test } from "vitest";
import { ALL, DEFAULT_LIMITS, QUORUM } from "@kvorum/core";
import { NULL, OK, array, expectConversation } from "../conversation.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "../resp-server.fixture.ts";

function shown(r: string, w: string, durability: string, timeoutMs: number, fallbacks = "allow"): string {
  const pairs = [bulk("r"), bulk(r), bulk("w"), bulk(w), bulk("durability"), bulk(durability)];
  return array(...pairs, bulk("fallbacks"), bulk(fallbacks), bulk("timeout_ms"), `:${timeoutMs}\r\n`);
}

test("a connection's defaults hold for plain commands and for those that do not say", async () => {
  const face = await startFace();
  const first = shown("quorum", "quorum", "fsync", DEFAULT_LIMITS.timeoutMsDefault);
  await expectConversation(face, [
    ["kv.defaults", first],
    ["kv.defaults r one W all durability os fallbacks deny", OK],
    ["kv.defaults Timeout 250", OK],
    ["kv.defaults", shown("1", "all", "os", 250, "deny")],
    ["set k v", OK],
    ["get k", bulk("v")],
    ["mset a 1", OK],
    ["kv.del nosuch w 2", array(bulk("existed"), ":0\r\n", bulk("receipt"), NULL)],
    ["expire k 10", ":1\r\n"],
    ["kv.defaults reset", OK],
    ["kv.defaults", first],
    ["set k v", OK],
    ["kv.defaults r 3", OK],
    ["reset", "+RESET\r\n"],
    ["kv.defaults", first],
  ]);
  const loose = { w: ALL, durability: "os", fallbacks: "deny" };
  const plain = {
    w: QUORUM,
    durability: "fsync",
    fallbacks: "allow",
    timeoutMs: DEFAULT_LIMITS.timeoutMsDefault,
  };
  expect(face.member.puts).toMatchObject([
    { ...loose, timeoutMs: 250 },
    { ...loose, timeoutMs: 250 },
    { w: 2, durability: "os", timeoutMs: 250 },
    { ...loose, timeoutMs: 250 },
    plain,
  ]);
  expect(face.member.gets).toMatchObject([
    { r: 1, timeoutMs: 250 },
    { r: 1, timeoutMs: 250 },
  ]);
});

test("wrong defaults change nothing", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["kv.defaults r 0", "-ERR R must be one, quorum, all or a number from 1 to 7\r\n"],
    ["kv.defaults w 1 r", "-ERR option R needs a value\r\n"],
    ["kv.defaults ttl 5", "-ERR unknown option 'ttl'; known are R, W, DURABILITY, FALLBACKS, TIMEOUT\r\n"],
    [
      "kv.defaults reset now",
      "-ERR unknown option 'reset'; known are R, W, DURABILITY, FALLBACKS, TIMEOUT\r\n",
    ],
    ["kv.defaults", shown("quorum", "quorum", "fsync", DEFAULT_LIMITS.timeoutMsDefault)],
  ]);
});

function addNamespace({ member }: TestFace, name: string): void {
  const namespaces = [...member.topology.namespaces, { id: 2, name, policy: "siblings" as const, n: 3 }];
  member.topology = { ...member.topology, namespaces };
}

test("a connection's namespace", async () => {
  const face = await startFace();
  addNamespace(face, "carts");
  await expectConversation(face, [
    ["kv.use", bulk("default")],
    ["set k plain", OK],
    ["kv.use carts", OK],
    ["kv.use", bulk("carts")],
    ["get k", NULL],
    ["set k cart", OK],
    ["kv.use nosuch", "-ERR no namespace 'nosuch'; this cluster has default, carts\r\n"],
    ["kv.use a b", "-ERR wrong number of arguments for 'kv.use' command\r\n"],
    ["select 0", OK],
    ["get k", bulk("cart")],
    ["expire k 10", ":1\r\n"],
    ["pttl k", ":10000\r\n"],
    ["reset", "+RESET\r\n"],
    ["kv.use", bulk("default")],
    ["get k", bulk("plain")],
    ["pttl k", ":-1\r\n"],
  ]);
});

test("what one connection chooses is nothing to another", async () => {
  const face = await startFace();
  addNamespace(face, "carts");
  await expectConversation(face, [
    ["kv.use carts", OK],
    ["kv.defaults w all", OK],
  ]);
  await expectConversation(face, [
    ["kv.use", bulk("default")],
    ["kv.defaults", shown("quorum", "quorum", "fsync", DEFAULT_LIMITS.timeoutMsDefault)],
  ]);
});

test.each([
  ["expire k 10", ":1\r\n"],
  ["getex k ex 10", bulk("plain")],
  ["set k mine keepttl", OK],
  ["mget k k k k k k", array(...Array.from({ length: 6 }, () => bulk("plain")))],
  ["exists k k k k k k", ":6\r\n"],
  ["keys k", array(bulk("k"))],
  ["randomkey", bulk("k")],
])("what is chosen after a command is not for it: %s", async (words, answer) => {
  const face = await startFace({ resp: { fanOutMax: 2 } });
  addNamespace(face, "carts");
  await expectConversation(face, [["set k plain", OK]]);
  const client = await TestClient.connect(face.port);
  face.member.answering = "later";
  const others = [
    request("kv.use", "carts"),
    request("kv.defaults", "r", "all", "w", "all", "durability", "os"),
  ];
  client.send(Buffer.concat([request(...words.split(" ")), ...others]));
  const whole = answer + OK + OK;
  while (client.text.length < whole.length && !client.ended)
    await new Promise((resolve) => setImmediate(resolve));
  expect(client.text).toBe(whole);
  expect(new Set([...face.member.gets, ...face.member.puts].map(({ namespace }) => namespace))).toEqual(
    new Set([1]),
  );
  expect(new Set(face.member.gets.map(({ r }) => r))).not.toContain(ALL);
  expect(new Set(face.member.puts.map(({ w, durability }) => `${w} ${durability}`))).toEqual(
    new Set([`${QUORUM} fsync`]),
  );
});
