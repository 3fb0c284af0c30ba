import { SCAN_CURSOR_MAX, slotCursor, slotOf } from "@kvorum/core";
import { expect, test } from "vitest";
import { array, expectConversation, NULL } from "../conversation.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "../resp-server.fixture.ts";

const SYNTAX = "-ERR syntax error\r\n";
const RANGE = "-ERR value is not an integer or out of range\r\n";
const CURSOR = "-ERR invalid cursor\r\n";
const EMPTY_PAGE = array(bulk("0"), "*0\r\n");

async function startWith(...keys: readonly string[]): Promise<TestFace> {
  const face = await startFace();
  await expectConversation(
    face,
    keys.map((key) => [`set ${key} v`, "+OK\r\n"]),
  );
  return face;
}

/** All that SCAN says until its cursor is 0 again, and how often it was asked. */
async function walk(face: TestFace, ...options: string[]): Promise<{ keys: string[]; calls: number }> {
  const client = await TestClient.connect(face.port);
  const keys: string[] = [];
  let cursor = "0";
  let calls = 0;
  do {
    const before = client.text.length;
    client.send(request("SCAN", cursor, ...options));
    const whole = /^\*2\r\n\$\d+\r\n(\d+)\r\n\*(\d+)\r\n/;
    const isWhole = (text: string): boolean => {
      const head = whole.exec(text.slice(before));
      return head !== null && text.slice(before + head[0].length).split("\r\n").length > 2 * Number(head[2]);
    };
    const said = (await client.until(isWhole)).slice(before);
    cursor = whole.exec(said)?.[1] ?? "";
    keys.push(
      ...said
        .split("\r\n")
        .slice(4)
        .filter((line) => line !== "" && !line.startsWith("$")),
    );
    calls++;
  } while (cursor !== "0");
  return { keys, calls };
}

test("scan walks through all keys, COUNT at a time", async () => {
  const names = Array.from({ length: 25 }, (_, i) => `key-${i}`);
  const face = await startWith(...names);
  const found = await walk(face, "count", "4");
  expect(found.calls).toBe(7);
  expect(found.keys.toSorted()).toEqual(names.toSorted());
  expect(await walk(face)).toMatchObject({ calls: 1 });
  expect(await walk(face, "MATCH", "key-1?", "Count", "3")).toMatchObject({ calls: 9 });
  expect((await walk(face, "match", "key-1?", "type", "STRING")).keys).toHaveLength(10);
  expect((await walk(face, "match", "KEY-*")).keys).toEqual([]);
  expect((await walk(face, "type", "list")).keys).toEqual([]);
});

test("scan refuses what Redis refuses, in its words", async () => {
  const face = await startWith("a");
  await expectConversation(face, [
    ["scan", "-ERR wrong number of arguments for 'scan' command\r\n"],
    ["scan x", CURSOR],
    ["scan -1", CURSOR],
    ["scan 1.5", CURSOR],
    [["scan", ""], CURSOR],
    ["scan 18446744073709551616", CURSOR],
    [`scan ${SCAN_CURSOR_MAX + 1}`, CURSOR],
    [`scan ${SCAN_CURSOR_MAX}`, EMPTY_PAGE],
    ["scan 0 match", SYNTAX],
    ["scan 0 nonsense 1", SYNTAX],
    ["scan 0 count 0", SYNTAX],
    ["scan 0 count -5", SYNTAX],
    ["scan 0 count x", RANGE],
    ["scan 0 count 99999999999999999999", RANGE],
    ["scan 0 count 9223372036854775807", array(bulk("0"), array(bulk("a")))],
    [["scan", "0", "match", "*".repeat(1024)], array(bulk("0"), array(bulk("a")))],
    [
      ["scan", "0", "match", "*".repeat(1025)],
      "-TOOLARGE pattern is 1025 bytes, the limit is 1024 (patternCharsMax)\r\n",
    ],
  ]);
});

test("patterns and keys are bytes", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  const key = Buffer.from([0, 0xff, 0x0d, 0x0a, 0xc3]);
  await client.ask(request("set", key, "v"), "+OK\r\n");
  const expected = Buffer.concat([Buffer.from("*1\r\n$5\r\n"), key, Buffer.from("\r\n")]).toString("latin1");
  expect(await client.ask(request("keys", Buffer.from([0, 0x3f, 0x0d, 0x2a])), expected)).toBe(expected);
});

test("failures of a member are told as they are", async () => {
  const face = await startWith("a");
  face.member.failures.set("*", { code: "QUORUM", text: "only 1 of the 2 homes" });
  const failure = "-QUORUM only 1 of the 2 homes\r\n";
  await expectConversation(face, [
    ["scan 0", failure],
    ["keys *", failure],
    ["randomkey", failure],
    ["cluster countkeysinslot 1", failure],
    ["cluster getkeysinslot 1 1", failure],
  ]);
});

test("keys lists what matches, of many pages", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  const names = Array.from({ length: 2_500 }, (_, i) => `k${i}`);
  client.send(Buffer.concat(names.map((name) => request("set", name, "v"))));
  await client.until((text) => text.length === 5 * names.length);
  const client2 = await TestClient.connect(face.port);
  client2.send(request("keys", "k*9"));
  const text = await client2.until((said) => said.split("\r\n").length === 2 + 2 * 250);
  expect(text.startsWith("*250\r\n")).toBe(true);
  expect(face.member.asked.filter((asked) => asked.startsWith("scan"))).toHaveLength(3);
});

test("keys beyond what one reply takes names the limit and the way on", async () => {
  const face = await startFace({ resp: { keyListMax: 3, keyListBytesMax: 10 } });
  const refusal =
    "-LIMIT more keys than one reply takes, the limits are 3 keys (keyListMax) and 10 bytes (keyListBytesMax); use SCAN\r\n";
  await expectConversation(face, [
    ["mset a 1 b 1 c 1", "+OK\r\n"],
    ["keys nothing*", "*0\r\n"],
    ["set d 1", "+OK\r\n"],
    ["keys *", refusal],
    ["keys [abc]", array(...["c", "b", "a"].map(bulk).toSorted((x, y) => order(x) - order(y)))],
    ["set much-longer 1", "+OK\r\n"],
    ["keys much*", refusal],
  ]);
});

function order(reply: string): number {
  return slotOf(Buffer.from(reply.slice(-3, -2)));
}

test("a walk whose client has gone stops", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  const names = Array.from({ length: 3_000 }, (_, i) => `k${i}`);
  client.send(Buffer.concat(names.map((name) => request("set", name, "v"))));
  await client.until((text) => text.length === 5 * names.length);
  face.member.answering = "held";
  client.send(request("keys", "*"));
  while (face.member.held === 0) await new Promise(setImmediate);
  client.socket.resetAndDestroy();
  while (face.server.stats.connections > 0) await new Promise(setImmediate);
  face.member.release();
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(face.member.held).toBe(0);
  expect(face.member.asked.filter((asked) => asked.startsWith("scan"))).toHaveLength(1);
});

test("randomkey draws from all keys, and is null where there is none", async () => {
  const face = await startFace();
  await expectConversation(face, [["randomkey", NULL]]);
  const names = ["a", "b", "c", "{t}1", "{t}2", "{t}3"];
  await expectConversation(
    face,
    names.map((key) => [`set ${key} v`, "+OK\r\n"]),
  );
  const client = await TestClient.connect(face.port);
  client.send(Buffer.concat(Array.from({ length: 1_200 }, () => request("randomkey"))));
  const text = await client.until((said) => said.split("\r\n").length === 2_401);
  const drawn = text.split("\r\n").filter((line) => line !== "" && !line.startsWith("$"));
  const counts = names.map((name) => drawn.filter((key) => key === name).length);
  // 200 expected of each; 12 standard deviations from it would be a miracle.
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(150);
});

test("keys of a slot", async () => {
  const face = await startWith("{t}1", "{t}2", "{t}3", "other");
  const slot = slotOf(Buffer.from("{t}1"));
  await expectConversation(face, [
    [`cluster countkeysinslot ${slot}`, ":3\r\n"],
    [`cluster getkeysinslot ${slot} 2`, array(bulk("{t}1"), bulk("{t}2"))],
    [`cluster getkeysinslot ${slot} 10`, array(bulk("{t}1"), bulk("{t}2"), bulk("{t}3"))],
    [`cluster getkeysinslot ${slot} 0`, "*0\r\n"],
    [`cluster countkeysinslot ${slot + 1}`, ":0\r\n"],
    ["cluster countkeysinslot 16383", ":0\r\n"],
    ["cluster countkeysinslot 16384", "-ERR Invalid slot\r\n"],
    ["cluster countkeysinslot -1", "-ERR Invalid slot\r\n"],
    ["cluster countkeysinslot x", RANGE],
    ["cluster getkeysinslot 16384 1", "-ERR Invalid slot or number of keys\r\n"],
    ["cluster getkeysinslot 0 -1", "-ERR Invalid slot or number of keys\r\n"],
    ["cluster getkeysinslot 0 x", RANGE],
    ["cluster getkeysinslot 0", "-ERR wrong number of arguments for 'cluster|getkeysinslot' command\r\n"],
  ]);
  expect(face.member.asked.at(-1)).toBe(`scan ${slotCursor(16_383)} count 1000`);
});
