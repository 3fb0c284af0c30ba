import { expect, test } from "vitest";
import { NULL, OK, expectConversation } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { TestClient, bulk, request, startFace } from "../resp-server.fixture.ts";

const NO = ":0\r\n";
const YES = ":1\r\n";

test("expire and its kin, asked back in every unit", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["expire k 10", NO],
    ["persist k", NO],
    ["expiretime k", ":-2\r\n"],
    ["pexpiretime k", ":-2\r\n"],
    ["set k v", OK],
    ["expiretime k", ":-1\r\n"],
    ["persist k", NO],
    ["expire k 10", YES],
    ["pttl k", ":10000\r\n"],
    ["pexpire k 1499", YES],
    ["pttl k", ":1499\r\n"],
    ["ttl k", ":1\r\n"],
    ["pexpiretime k", `:${NOW_MS + 1499}\r\n`],
    ["expiretime k", `:${NOW_MS / 1000 + 1}\r\n`],
    [`expireat k ${NOW_MS / 1000 + 7}`, YES],
    ["pttl k", ":7000\r\n"],
    [`pexpireat k ${NOW_MS + 3}`, YES],
    ["pttl k", ":3\r\n"],
    ["get k", bulk("v")],
    ["persist k", YES],
    ["pttl k", ":-1\r\n"],
    ["get k", bulk("v")],
  ]);
});

test.each(["expire k 0", "expire k -1", "pexpire k -9223372036854775808", "expireat k 1", "pexpireat k -5"])(
  "%s deletes",
  async (words) => {
    const face = await startFace();
    await expectConversation(face, [
      ["set k v", OK],
      [words, YES],
      ["exists k", NO],
    ]);
    expect(face.member.asked).toContain("delete k");
  },
);

test("conditions", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["set k v", OK],
    ["expire k 10 xx", NO],
    ["expire k 10 gt", NO],
    ["expire k 10 xx lt", NO],
    ["expire k 100 nx", YES],
    ["expire k 10 NX", NO],
    ["expire k 100 gt", NO],
    ["expire k 200 gt xx", YES],
    ["expire k 200 lt", NO],
    ["expire k 50 LT", YES],
    ["expire k 60 xx", YES],
    ["pttl k", ":60000\r\n"],
    ["persist k", YES],
    ["expire k 1000 lt", YES],
    ["pttl k", ":1000000\r\n"],
  ]);
});

test("wrong times and options", async () => {
  const face = await startFace();
  const { ttlMsMax } = face.member.limits;
  const limit = `: the limit is ${ttlMsMax} ms from now (ttlMsMax)`;
  const invalid = (name: string, more = ""): string =>
    `-ERR invalid expire time in '${name}' command${more}\r\n`;
  const notInteger = "-ERR value is not an integer or out of range\r\n";
  await expectConversation(face, [
    ["set k v", OK],
    ["expire k +1", notInteger],
    ["expire k 1.0", notInteger],
    ["expire k 01", notInteger],
    [["expire", "k", " 1"], notInteger],
    [["expire", "k", ""], notInteger],
    ["expire k 9223372036854775808", notInteger],
    ["expire k 9223372036854775807", invalid("expire")],
    ["expire k -9223372036854775807", invalid("expire")],
    ["pexpire k 9223372036854775807", invalid("pexpire")],
    [`pexpire k ${ttlMsMax}`, YES],
    [`pexpire k ${ttlMsMax + 1}`, invalid("pexpire", limit)],
    [`expireat k 99999999999`, invalid("expireat", limit)],
    ["expire k 10 foo", "-ERR Unsupported option foo\r\n"],
    ["expire k 10 nx xx", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"],
    ["expire k x nx gt", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"],
    ["expire k 10 gt lt", "-ERR GT and LT options at the same time are not compatible\r\n"],
    ["expire k", "-ERR wrong number of arguments for 'expire' command\r\n"],
    ["pttl k", `:${ttlMsMax}\r\n`],
  ]);
});

test("set keepttl", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["set k v keepttl", OK],
    ["pttl k", ":-1\r\n"],
    ["set k v px 500", OK],
    ["set k w KEEPTTL keepttl", OK],
    ["get k", bulk("w")],
    ["pttl k", ":500\r\n"],
  ]);
  face.member.now += 500;
  await expectConversation(face, [
    ["get k", NULL],
    ["set k x keepttl", OK],
    ["pttl k", ":-1\r\n"],
  ]);
});

test("of a pipeline on one key, nothing overtakes what looks first", async () => {
  const face = await startFace();
  face.member.answering = "later";
  const client = await TestClient.connect(face.port);
  const words = ["set k a px 9000", "set k b keepttl", "pttl k", "expire k 5", "set k c", "get k", "pttl k"];
  client.send(Buffer.concat(words.map((each) => request(...each.split(" ")))));
  const expected = `${OK}${OK}:9000\r\n:1\r\n${OK}${bulk("c")}:-1\r\n`;
  expect(await client.until((text) => text.length >= expected.length)).toBe(expected);
});
