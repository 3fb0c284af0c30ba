import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { NULL, OK, array, expectConversation } from "../conversation.fixture.ts";
import { TestClient, bulk, request, startFace } from "../resp-server.fixture.ts";

test("config get", async () => {
  const face = await startFace({ limits: { valueBytesMax: 12_345 } });
  await expectConversation(face, [
    ["config get save", array(bulk("save"), bulk(""))],
    ["config get appendonly", array(bulk("appendonly"), bulk("yes"))],
    ["config get DATABASES", array(bulk("DATABASES"), bulk("1"))],
    ["config get proto-max-*", array(bulk("proto-max-bulk-len"), bulk("12345"))],
    [
      "config get save maxmemory*",
      array(
        bulk("save"),
        bulk(""),
        bulk("maxmemory"),
        bulk("0"),
        bulk("maxmemory-policy"),
        bulk("noeviction"),
      ),
    ],
    ["config get port", array(bulk("port"), bulk(String(face.port)))],
    ["config get nothing", "*0\r\n"],
    [
      "config set maxmemory 1",
      "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - can't set immutable config\r\n",
    ],
    ["config set nosuch 1", "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n"],
    ["config set maxmemory 1 save", "-ERR syntax error\r\n"],
    ["config resetstat", OK],
    [
      "config rewrite",
      "-ERR CONFIG REWRITE is not offered: what runs is what the configuration file says\r\n",
    ],
    ["config get", "-ERR wrong number of arguments for 'config|get' command\r\n"],
    [["config", "get", "*".repeat(1025)], "*0\r\n"],
    [
      "hello 3",
      `%7\r\n${bulk("server")}${bulk("kvorum")}${bulk("version")}${bulk("7.2.0")}${bulk("proto")}:3\r\n${bulk("id")}:1\r\n${bulk("mode")}${bulk("cluster")}${bulk("role")}${bulk("master")}${bulk("modules")}*0\r\n`,
    ],
    ["config get databases", `%1\r\n${bulk("databases")}${bulk("1")}`],
  ]);
});

test("command", async () => {
  const face = await startFace();
  const get = array(
    bulk("get"),
    ":2\r\n",
    array("+readonly\r\n", "+fast\r\n"),
    ":1\r\n:1\r\n:1\r\n",
    array("+@read\r\n", "+@string\r\n", "+@fast\r\n"),
    "*0\r\n*0\r\n*0\r\n",
  ).replace("*6", "*10");
  await expectConversation(face, [
    ["command info get nosuch", array(get, NULL)],
    ["command info nosuch|x client|nosuch", array(NULL, NULL)],
    [
      "command docs echo",
      array(
        bulk("echo"),
        array(
          bulk("summary"),
          bulk("Answer the argument"),
          bulk("since"),
          bulk("1.0.0"),
          bulk("group"),
          bulk("connection"),
        ),
      ),
    ],
    ["command docs nosuch", "*0\r\n"],
    ["command list filterby pattern m?et", array(bulk("mget"), bulk("mset"))],
    ["command list filterby pattern client|i*", array(bulk("client|id"), bulk("client|info"))],
    ["command list filterby module x", "*0\r\n"],
    ["command list filterby x y", "-ERR syntax error\r\n"],
    ["command list x", "-ERR syntax error\r\n"],
    ["command getkeys mset a 1 b 2", array(bulk("a"), bulk("b"))],
    ["command getkeys get k", array(bulk("k"))],
    [
      "command getkeysandflags del a b",
      array(
        array(bulk("a"), array("+RM\r\n", "+delete\r\n")),
        array(bulk("b"), array("+RM\r\n", "+delete\r\n")),
      ),
    ],
    ["command getkeysandflags get k", array(array(bulk("k"), array("+RO\r\n", "+access\r\n")))],
    ["command getkeysandflags expire k 1", array(array(bulk("k"), array("+RW\r\n", "+update\r\n")))],
    ["command getkeys nosuch k", "-ERR Invalid command specified\r\n"],
    ["command getkeys get", "-ERR Invalid number of arguments specified for command\r\n"],
    ["command getkeys ping", "-ERR The command has no key arguments\r\n"],
    ["command getkeys", "-ERR wrong number of arguments for 'command|getkeys' command\r\n"],
    ["command count", `:${face.server.commands.commands.length}\r\n`],
  ]);
});

test("help", async () => {
  const face = await startFace();
  await expectConversation(face, [
    [
      "config help",
      array(
        "+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n",
        "+GET\r\n",
        "+    Return parameters matching the glob-like patterns, and their values.\r\n",
        "+RESETSTAT\r\n",
        "+    Begin the counts of INFO anew; those of Prometheus go on.\r\n",
        "+REWRITE\r\n",
        "+    Refused: the configuration file is what runs.\r\n",
        "+SET\r\n",
        "+    Refused: change the configuration file and restart the member.\r\n",
        "+HELP\r\n",
        "+    Prints this help.\r\n",
      ),
    ],
  ]);
});

test("info", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  const ask = async (...words: string[]): Promise<string> => {
    client.send(request("info", ...words));
    client.send("PING\r\n");
    const text = await client.until((received) => received.endsWith("+PONG\r\n"));
    return text.slice(0, -7);
  };
  const everything = await ask();
  for (const section of [
    "Server",
    "Clients",
    "Memory",
    "Persistence",
    "Stats",
    "Replication",
    "CPU",
    "Cluster",
    "Kvorum",
  ]) {
    expect(everything).toContain(`# ${section}\r\n`);
  }
  for (const line of [
    "redis_mode:cluster",
    "cluster_enabled:1",
    "role:master",
    "loading:0",
    "connected_clients:1",
    "member_name:member-1",
    "members:3",
    `run_id:${createHash("sha1").update("kvorum member test 1").digest("hex")}`,
    `tcp_port:${face.port}`,
    "kvorum_version:0.0.0-test",
  ]) {
    expect(everything).toContain(`${line}\r\n`);
  }
  for (const section of ["Keyspace", "Commandstats", "Latencystats"])
    expect(everything).not.toContain(section);
  const client2 = await TestClient.connect(face.port);
  expect(await client2.ask(request("INFO", "cluster"), bulk("# Cluster\r\ncluster_enabled:1\r\n"))).toBe(
    bulk("# Cluster\r\ncluster_enabled:1\r\n"),
  );
  expect(await client2.ask(request("SET", "k", "v"), OK)).toBe(OK);
  expect(
    await client2.ask(request("INFO", "keyspace"), bulk("# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n")),
  ).toBe(bulk("# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n"));
  expect(await client2.ask(request("INFO", "nosuch"), bulk(""))).toBe(bulk(""));
});
