import { expect, test } from "vitest";
import { NULL, OK, expectConversation } from "../conversation.fixture.ts";
import { TestClient, bulk, startFace } from "../resp-server.fixture.ts";

test("ping, echo, select, quit", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["ping", "+PONG\r\n"],
    ["PiNg hello", bulk("hello")],
    ["ping a b", "-ERR wrong number of arguments for 'ping' command\r\n"],
    ["echo hello", bulk("hello")],
    [["echo", "\0\xff\r\n"], bulk("\0\xff\r\n")],
    ["echo", "-ERR wrong number of arguments for 'echo' command\r\n"],
    ["select 0", OK],
    ["select 1", "-ERR DB index is out of range: there is only 0; KV.USE chooses a namespace\r\n"],
    ["asking", OK],
    ["select x", "-ERR value is not an integer or out of range\r\n"],
    ["readonly", OK],
    ["readwrite", OK],
    ["quit", OK],
  ]);
});

test("quit answers what came before, and nothing after", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  client.send("PING\r\nECHO a\r\nQUIT\r\nPING\r\n");
  expect(await client.untilEnd()).toBe(`+PONG\r\n${bulk("a")}+OK\r\n`);
});

test("hello", async () => {
  const face = await startFace();
  const fields = (proto: number, id: number): string =>
    `${bulk("server")}${bulk("kvorum")}${bulk("version")}${bulk("7.2.0")}${bulk("proto")}:${proto}\r\n${bulk("id")}:${id}\r\n` +
    `${bulk("mode")}${bulk("cluster")}${bulk("role")}${bulk("master")}${bulk("modules")}*0\r\n`;
  await expectConversation(face, [
    ["hello", `*14\r\n${fields(2, 1)}`],
    ["hello 4", "-NOPROTO unsupported protocol version\r\n"],
    ["hello x", "-ERR Protocol version is not an integer or out of range\r\n"],
    ["hello 3 foo", "-ERR Syntax error in HELLO option 'foo'\r\n"],
    ["hello 3 setname", "-ERR Syntax error in HELLO option 'setname'\r\n"],
    [
      ["hello", "3", "setname", "a b"],
      "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
    ],
    ["get nothing", NULL],
    ["hello 3 setname me", `%7\r\n${fields(3, 1)}`],
    ["get nothing", "_\r\n"],
    ["client getname", bulk("me")],
    ["hello 2", `*14\r\n${fields(2, 1)}`],
    ["get nothing", NULL],
  ]);
});

test("a password is refused politely, with nothing changed", async () => {
  const face = await startFace();
  const words =
    "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n";
  await expectConversation(face, [
    ["auth secret", words],
    ["auth default secret", words],
    ["auth a b c", "-ERR syntax error\r\n"],
    ["hello 3 auth default secret", words],
    ["get nothing", NULL],
  ]);
});

test("client and reset", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["client id", ":1\r\n"],
    ["client getname", NULL],
    ["client setname app", OK],
    ["client getname", bulk("app")],
    [
      ["client", "setname", "a b"],
      "-ERR Client names cannot contain spaces, newlines or special characters.\r\n",
    ],
    ["client setinfo lib-name thing", OK],
    ["client setinfo LIB-VER 1.0", OK],
    [
      ["client", "setinfo", "lib-name", "a b"],
      "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n",
    ],
    ["client setinfo lib-x y", "-ERR Unrecognized option 'lib-x'\r\n"],
    ["client setname", "-ERR wrong number of arguments for 'client|setname' command\r\n"],
    ["client", "-ERR wrong number of arguments for 'client' command\r\n"],
    ["client foo", "-ERR unknown subcommand 'foo'. Try CLIENT HELP.\r\n"],
    ["reset", "+RESET\r\n"],
    ["client getname", NULL],
    ["client id", ":1\r\n"],
  ]);
});

test("commands that nobody knows", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["foo", "-ERR unknown command 'foo', with args beginning with: \r\n"],
    ["foo a b", "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n"],
    [["f\r\no", "x\0y"], "-ERR unknown command 'f  o', with args beginning with: 'x' \r\n"],
    [
      ["foo", "x".repeat(200)],
      `-ERR unknown command 'foo', with args beginning with: '${"x".repeat(128)}' \r\n`,
    ],
    [["y".repeat(300)], `-ERR unknown command '${"y".repeat(128)}', with args beginning with: \r\n`],
    ["cluster foo", "-ERR unknown subcommand 'foo'. Try CLUSTER HELP.\r\n"],
    ["config foo save 1", "-ERR unknown subcommand 'foo'. Try CONFIG HELP.\r\n"],
    ["command foo", "-ERR unknown subcommand 'foo'. Try COMMAND HELP.\r\n"],
  ]);
});
