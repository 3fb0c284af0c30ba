import { expect, test } from "vitest";
import { NULL, OK, expectConversation } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { bulk, startFace } from "../resp-server.fixture.ts";

const notInteger = "-ERR value is not an integer or out of range\r\n";

test("getex", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["getex k", NULL],
    ["getex k ex 10", NULL],
    ["getex k ex nonsense", NULL],
    ["set k v", OK],
    ["getex k", bulk("v")],
    ["pttl k", ":-1\r\n"],
    ["getex k persist", bulk("v")],
    ["getex k ex 10", bulk("v")],
    ["pttl k", ":10000\r\n"],
    ["getex k PX 15", bulk("v")],
    ["pttl k", ":15\r\n"],
    [`getex k exat ${NOW_MS / 1000 + 9}`, bulk("v")],
    ["pttl k", ":9000\r\n"],
    [`getex k pxat ${NOW_MS + 9}`, bulk("v")],
    ["pttl k", ":9\r\n"],
    ["getex k persist", bulk("v")],
    ["pttl k", ":-1\r\n"],
    ["getex k ex 0", "-ERR invalid expire time in 'getex' command\r\n"],
    ["getex k ex x", notInteger],
    ["getex k ex", "-ERR syntax error\r\n"],
    ["getex k ex 1 px 1", "-ERR syntax error\r\n"],
    ["getex k persist 1", "-ERR syntax error\r\n"],
    ["getex k ex 1 persist", "-ERR syntax error\r\n"],
    ["getex k persist PERSIST", bulk("v")],
    ["getex k ex 1 ex 7", bulk("v")],
    ["pttl k", ":7000\r\n"],
    ["getex k keepttl", "-ERR syntax error\r\n"],
    ["getex k exat 1", bulk("v")],
    ["get k", NULL],
  ]);
});

test("setex and psetex", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["setex k 10 v", OK],
    ["pttl k", ":10000\r\n"],
    ["psetex k 10 w", OK],
    ["pttl k", ":10\r\n"],
    ["get k", bulk("w")],
    ["setex k 0 v", "-ERR invalid expire time in 'setex' command\r\n"],
    ["psetex k -1 v", "-ERR invalid expire time in 'psetex' command\r\n"],
    ["setex k x v", notInteger],
    ["setex k 1", "-ERR wrong number of arguments for 'setex' command\r\n"],
  ]);
  expect(face.member.asked.filter((asked) => asked.startsWith("put"))).toHaveLength(2);
});

test("strlen, getrange, substr", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["strlen k", ":0\r\n"],
    ["getrange k 0 -1", bulk("")],
    [["set", "k", "h\0llo"], OK],
    ["strlen k", ":5\r\n"],
    ["getrange k 0 -1", bulk("h\0llo")],
    ["getrange k 1 2", bulk("\0l")],
    ["substr k -3 -2", bulk("ll")],
    ["getrange k -100 1", bulk("h\0")],
    ["getrange k 3 100", bulk("lo")],
    ["getrange k 5 9", bulk("")],
    ["getrange k 2 1", bulk("")],
    ["getrange k -1 -2", bulk("")],
    ["getrange k -9 -8", bulk("h")],
    ["getrange k 0 x", notInteger],
    ["getrange k 0 9223372036854775807", bulk("h\0llo")],
    ["getrange k 0", "-ERR wrong number of arguments for 'getrange' command\r\n"],
  ]);
});

test("type, touch, unlink", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["type k", "+none\r\n"],
    ["mset k v l w", OK],
    ["type k", "+string\r\n"],
    ["touch k", ":1\r\n"],
    ["touch k l k m", ":3\r\n"],
    ["unlink k k m", ":1\r\n"],
    ["unlink l", ":1\r\n"],
    ["type l", "+none\r\n"],
    ["touch", "-ERR wrong number of arguments for 'touch' command\r\n"],
  ]);
});
