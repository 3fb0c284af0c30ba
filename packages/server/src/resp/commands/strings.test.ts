import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { NULL, OK, array, expectConversation } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { bulk, startFace } from "../resp-server.fixture.ts";

test("set, get, del, exists", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["set k v", OK],
    ["get k", bulk("v")],
    ["get l", NULL],
    ["set k", "-ERR wrong number of arguments for 'set' command\r\n"],
    ["get", "-ERR wrong number of arguments for 'get' command\r\n"],
    ["exists k", ":1\r\n"],
    ["exists k l k", ":2\r\n"],
    ["dbsize", ":1\r\n"],
    ["del k", ":1\r\n"],
    ["del k", ":0\r\n"],
    ["get k", NULL],
    ["exists k", ":0\r\n"],
    [["set", "", "empty key"], OK],
    [["get", ""], bulk("empty key")],
    [["set", "b\0\xff", "\r\n\0"], OK],
    [["get", "b\0\xff"], bulk("\r\n\0")],
    ["dbsize", ":2\r\n"],
  ]);
  expect(face.member.puts[0]).toMatchObject({
    w: 0,
    durability: "fsync",
    timeoutMs: DEFAULT_LIMITS.timeoutMsDefault,
    expiryMs: 0,
    wantReceipt: false,
  });
  expect(face.member.gets[0]).toMatchObject({ r: 0, headOnly: false });
  expect(face.member.gets[2]).toMatchObject({ r: 0, headOnly: true });
});

test("several keys at once", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["mset a 1 b 2 a 3", OK],
    ["mget a b c a", array(bulk("3"), bulk("2"), NULL, bulk("3"))],
    ["mset a", "-ERR wrong number of arguments for 'mset' command\r\n"],
    ["mset a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n"],
    ["mget", "-ERR wrong number of arguments for 'mget' command\r\n"],
    ["del a b a c", ":2\r\n"],
    ["mget a b", array(NULL, NULL)],
  ]);
});

test("times to live", async () => {
  const face = await startFace();
  const { member } = face;
  await expectConversation(face, [
    ["set k v EX 100", OK],
    ["ttl k", ":100\r\n"],
    ["pttl k", ":100000\r\n"],
    ["set k v px 1499", OK],
    ["ttl k", ":1\r\n"],
    ["pttl k", ":1499\r\n"],
    ["set k v px 1500", OK],
    ["ttl k", ":2\r\n"],
    ["set k v ex 1 EX 9", OK],
    ["pttl k", ":9000\r\n"],
    ["set k v", OK],
    ["ttl k", ":-1\r\n"],
    ["pttl k", ":-1\r\n"],
    ["ttl l", ":-2\r\n"],
    ["pttl l", ":-2\r\n"],
    [`set k v exat ${NOW_MS / 1000 + 7}`, OK],
    ["pttl k", ":7000\r\n"],
    [`set k v pxat ${NOW_MS + 5}`, OK],
    ["pttl k", ":5\r\n"],
  ]);
  member.now += 5;
  await expectConversation(face, [
    ["get k", NULL],
    ["ttl k", ":-2\r\n"],
  ]);
  expect(member.puts.map(({ expiryMs }) => expiryMs)).toEqual([
    NOW_MS + 100_000,
    NOW_MS + 1499,
    NOW_MS + 1500,
    NOW_MS + 9000,
    0,
    NOW_MS + 7000,
    NOW_MS + 5,
  ]);
});

test("an instant that has passed deletes the key", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["set k v", OK],
    ["set k w exat 1", OK],
    ["get k", NULL],
    ["set k v", OK],
    [`set k w pxat ${NOW_MS}`, OK],
    ["exists k", ":0\r\n"],
  ]);
  expect(face.member.asked).toContain("delete k");
});

test("wrong options of set", async () => {
  const face = await startFace();
  const invalid = "-ERR invalid expire time in 'set' command\r\n";
  const notInteger = "-ERR value is not an integer or out of range\r\n";
  await expectConversation(face, [
    ["set k v ex", "-ERR syntax error\r\n"],
    ["set k v foo", "-ERR syntax error\r\n"],
    ["set k v ex 1 px 1", "-ERR syntax error\r\n"],
    ["set k v ex 0", invalid],
    ["set k v px -1", invalid],
    ["set k v exat 0", invalid],
    ["set k v ex 1.5", notInteger],
    ["set k v ex +1", notInteger],
    ["set k v ex 0x10", notInteger],
    ["set k v ex 9223372036854775808", notInteger],
    ["set k v nx xx", "-ERR syntax error\r\n"],
    ["set k v ifeq", "-ERR syntax error\r\n"],
    ["set k v nx ifeq w", "-ERR syntax error\r\n"],
    ["set k v ifeq w ifne w", "-ERR syntax error\r\n"],
    ["set k v ifeq w ex 0", invalid],
    ["set k v ex 1 KeepTtl", "-ERR syntax error\r\n"],
    ["set k v keepttl px 1", "-ERR syntax error\r\n"],
    [
      "set k v ex 9000000000000000",
      `${invalid.slice(0, -2)}: the limit is ${DEFAULT_LIMITS.ttlMsMax} ms from now (ttlMsMax)\r\n`,
    ],
    ["set k v ex 9223372036854775", invalid],
    ["set k v ex 9223372036854776", invalid],
    ["set k v px 9223372036854775807", invalid],
    ["exists k", ":0\r\n"],
  ]);
});

test.each([
  ["px", (max: number) => max],
  ["pxat", (max: number) => NOW_MS + max],
] as const)("set %s at the limit", async (word, of) => {
  const face = await startFace();
  const { ttlMsMax } = face.member.limits;
  await expectConversation(face, [
    [`set k v ${word} ${of(ttlMsMax - 1)}`, OK],
    [`set k v ${word} ${of(ttlMsMax)}`, OK],
    [
      `set k v ${word} ${of(ttlMsMax + 1)}`,
      `-ERR invalid expire time in 'set' command: the limit is ${ttlMsMax} ms from now (ttlMsMax)\r\n`,
    ],
  ]);
});

test("keys and values at their limits", async () => {
  const face = await startFace({ limits: { keyBytesMax: 100, valueBytesMax: 1000 } });
  const key = (length: number): string => "k".repeat(length);
  const value = (length: number): string => "v".repeat(length);
  const longKey = (length: number): string =>
    `-TOOLARGE key is ${length} bytes, the limit is 100 (keyBytesMax)\r\n`;
  const longValue = (length: number): string =>
    `-TOOLARGE value is ${length} bytes, the limit is 1000 (valueBytesMax)\r\n`;
  await expectConversation(face, [
    [["set", key(99), value(999)], OK],
    [["set", key(100), value(1000)], OK],
    [["get", key(100)], bulk(value(1000))],
    [["set", key(101), value(1)], longKey(101)],
    [["get", key(101)], longKey(101)],
    [["get", key(5000)], longKey(5000)],
    [["set", "k", value(1001)], longValue(1001)],
    [["kv.put", "k", value(100_000)], longValue(100_000)],
    [["mset", "a", value(10), key(101), value(10)], longKey(101)],
    [["mset", "a", value(10), "b", value(1001)], longValue(1001)],
    [["mget", "a", key(101)], longKey(101)],
    [["echo", value(1001)], "-TOOLARGE argument is 1001 bytes, the limit is 1000 (valueBytesMax)\r\n"],
    [["kv.admin", "explain", key(101)], longKey(101)],
    [["exists", "k", "a", "b"], ":0\r\n"],
  ]);
});

test("failures are told in the table's words, or the operation's own", async () => {
  const face = await startFace();
  face.member.failures.set("quorum", { code: "QUORUM", text: "" });
  face.member.failures.set("timeout", { code: "TIMEOUT", text: "only 1 of the 2 homes answered" });
  const quorum =
    "-QUORUM fewer homes of this key can be reached than were asked for; nothing was written\r\n";
  const timeout = "-TIMEOUT only 1 of the 2 homes answered\r\n";
  await expectConversation(face, [
    ["set quorum v", quorum],
    ["get quorum", quorum],
    ["ttl quorum", quorum],
    ["kv.get quorum", quorum],
    ["kv.put quorum v", quorum],
    ["get timeout", timeout],
    ["del timeout", timeout],
    ["mget a timeout quorum", timeout],
    ["exists a quorum", quorum],
  ]);
  face.member.failures.set("*", { code: "OVERLOADED", text: "" });
  await expectConversation(face, [
    ["dbsize", "-OVERLOADED too much is in flight here; nothing was done; retry after 50 ms\r\n"],
  ]);
});

test("a failure among several writes says what it means for the others", async () => {
  const face = await startFace();
  face.member.failures.set("quorum", { code: "QUORUM", text: "no homes" });
  face.member.failures.set("timeout", { code: "TIMEOUT", text: "too late" });
  await expectConversation(face, [
    ["mset quorum 1", "-QUORUM no homes\r\n"],
    [
      "mset a 1 quorum 2 b 3",
      "-UNKNOWN 2 of 3 keys were written; the first failure was: QUORUM no homes\r\n",
    ],
    [
      "mset quorum 1 timeout 2",
      "-UNKNOWN 0 of 2 keys were written; the first failure was: QUORUM no homes\r\n",
    ],
    ["del a timeout", "-UNKNOWN 1 of 2 keys were written; the first failure was: TIMEOUT too late\r\n"],
  ]);
});
