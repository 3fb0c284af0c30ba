import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { OK, array } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "../resp-server.fixture.ts";

/** On a connection of its own, with the protocol chosen before. */
async function expectReply(face: TestFace, words: string, reply: string, protocol = 2): Promise<void> {
  const client = await TestClient.connect(face.port);
  if (protocol === 3) {
    client.send(request("HELLO", "3"));
    await client.until((text) => text.endsWith("*0\r\n"));
  }
  const answer = await client.ask(request(...words.split(" ")), reply);
  expect({ words, answer }).toEqual({ words, answer: reply });
}

/** A map as RESP2 and RESP3 have it. */
function map(protocol: number, ...pairs: readonly (readonly [string, string])[]): string {
  const head = protocol === 3 ? `%${pairs.length}` : `*${2 * pairs.length}`;
  return `${head}\r\n${pairs.map(([name, value]) => bulk(name) + value).join("")}`;
}

function int(value: number): string {
  return `:${value}\r\n`;
}

describe.each([2, 3])("RESP%d", (protocol) => {
  test("KV.GET shows all live versions, a context and who answered", async () => {
    const face = await startFace();
    face.member.addSibling("k", "one");
    face.member.addSibling("k", "two");
    const receipt = map(protocol, ["r", int(2)], ["answered", array(int(1), int(2))], ["epoch", int(1)]);
    await expectReply(
      face,
      "kv.get k",
      map(
        protocol,
        [
          "versions",
          array(
            map(protocol, ["value", bulk("two")], ["dot", bulk("1.1.2")]),
            map(protocol, ["value", bulk("one")], ["dot", bulk("1.1.1")]),
          ),
        ],
        ["tombstones", int(0)],
        ["context", bulk("token-k-2")],
        ["receipt", receipt],
      ),
      protocol,
    );
    await expectReply(
      face,
      "kv.get nothing",
      map(
        protocol,
        ["versions", array()],
        ["tombstones", int(0)],
        ["context", bulk("token-nothing-0")],
        ["receipt", receipt],
      ),
      protocol,
    );
  });

  test("KV.GET leaves out what has expired and counts tombstones", async () => {
    const face = await startFace();
    const receipt = map(protocol, ["r", int(2)], ["answered", array(int(1), int(2))], ["epoch", int(1)]);
    await expectReply(face, "set k v px 500", OK);
    await expectReply(face, "set l v", OK);
    await expectReply(face, "del l", int(1));
    const before = map(
      protocol,
      ["value", bulk("v")],
      ["dot", bulk("1.1.1")],
      ["expires_ms", int(NOW_MS + 500)],
    );
    const of = (key: string, versions: string, tombstones: number): string =>
      map(
        protocol,
        ["versions", versions],
        ["tombstones", int(tombstones)],
        ["context", bulk(`token-${key}-1`)],
        ["receipt", receipt],
      );
    await expectReply(face, "kv.get k", of("k", array(before), 0), protocol);
    await expectReply(face, "kv.get l", of("l", array(), 1), protocol);
    face.member.now += 500;
    await expectReply(face, "kv.get k", of("k", array(), 0), protocol);
  });

  test("KV.PUT and KV.DEL answer with a receipt", async () => {
    const face = await startFace();
    const receipt = (clock: number, w: number, fsynced: number): string =>
      map(
        protocol,
        ["context", bulk("token-k-1")],
        ["dot", bulk(`1.1.${clock}`)],
        ["coordinator", int(1)],
        ["w", int(w)],
        ["homes", array(...[1, 2, 3].slice(0, w).map(int))],
        ["fallbacks", array()],
        ["fsynced", int(fsynced)],
        ["zones", array(bulk("zone-a"), bulk("zone-b"))],
        ["regions", array(bulk("region"))],
        ["epoch", int(1)],
      );
    const none = protocol === 3 ? "_\r\n" : "$-1\r\n";
    await expectReply(face, "kv.put k v", receipt(1, 2, 2), protocol);
    await expectReply(face, "kv.put k v w all durability os", receipt(2, 3, 0), protocol);
    await expectReply(
      face,
      "kv.del k w 1",
      map(protocol, ["existed", int(1)], ["receipt", receipt(3, 1, 1)]),
      protocol,
    );
    await expectReply(
      face,
      "kv.del nothing",
      map(protocol, ["existed", int(0)], ["receipt", none]),
      protocol,
    );
  });

  test("KV.EXPLAIN says where a key lives and what its homes hold", async () => {
    const face = await startFace();
    await expectReply(face, "set k v px 7", OK);
    face.member.unreachable.add(3);
    const held = map(
      protocol,
      ["dot", bulk("1.1.1")],
      ["kind", bulk("value")],
      ["expires_ms", int(NOW_MS + 7)],
    );
    const view = (member: number): string =>
      map(
        protocol,
        ["member", int(member)],
        ["code", bulk(member === 3 ? "QUORUM" : "OK")],
        ["versions", member === 3 ? array() : array(held)],
        ["context", member === 3 ? array() : array(bulk("1.1.1"))],
      );
    const expected = map(
      protocol,
      ["slot", int(7629)],
      ["partition", int(7)],
      ["homes", array(int(2), int(3), int(1))],
      ["fallbacks", array()],
      ["coordinator", int(2)],
      ["epoch", int(1)],
      ["equal", protocol === 3 ? "#f\r\n" : ":0\r\n"],
      ["views", array(view(2), view(3), view(1))],
    );
    await expectReply(face, "kv.explain k", expected, protocol);
  });
});

test("options in any case and order reach the member", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  client.send(
    request(
      "KV.PUT",
      "k",
      "v",
      "TTL",
      "60000",
      "W",
      "ALL",
      "context",
      "abc",
      "Fallbacks",
      "DENY",
      "timeout",
      "250",
    ),
  );
  client.send(request("KV.PUT", "k", "v", "DURABILITY", "OS", "w", "One"));
  client.send(request("KV.DEL", "k", "Context", "def", "W", "3", "durability", "FSYNC"));
  client.send(
    request("KV.GET", "k", "R", "all", "TIMEOUT", "60000", "FALLBACKS", "deny", "REPAIR", "before"),
  );
  client.send(request("KV.GET", "k", "R", "7"));
  client.send(request("PING"));
  await client.until((text) => text.endsWith("+PONG\r\n"));
  expect(face.member.puts).toMatchObject([
    {
      kind: "put",
      expiryMs: NOW_MS + 60_000,
      w: -1,
      context: "abc",
      timeoutMs: 250,
      durability: "fsync",
      wantReceipt: true,
    },
    {
      kind: "put",
      expiryMs: 0,
      w: 1,
      context: null,
      timeoutMs: DEFAULT_LIMITS.timeoutMsDefault,
      durability: "os",
    },
    { kind: "delete", context: "def", w: 3, durability: "fsync" },
  ]);
  expect(face.member.gets).toMatchObject([
    { r: -1, timeoutMs: 60_000, headOnly: false, repair: "before" },
    { r: 7, timeoutMs: DEFAULT_LIMITS.timeoutMsDefault, repair: "after" },
  ]);
});

test("wrong options are refused before anything is asked", async () => {
  const face = await startFace();
  const { ttlMsMax } = face.member.limits;
  const cases: readonly (readonly [string, string])[] = [
    ["kv.get k r 0", "ERR R must be one, quorum, all or a number from 1 to 7"],
    ["kv.get k r 8", "ERR R must be one, quorum, all or a number from 1 to 7"],
    ["kv.get k r -1", "ERR R must be one, quorum, all or a number from 1 to 7"],
    ["kv.get k r two", "ERR R must be one, quorum, all or a number from 1 to 7"],
    ["kv.get k r", "ERR option R needs a value"],
    ["kv.get k r 1 R 2", "ERR option R is given twice"],
    ["kv.get k w 1", "ERR unknown option 'w'; known are R, REPAIR, FALLBACKS, TIMEOUT, SERIAL"],
    ["kv.get k repair soon", "ERR REPAIR must be before, after or none"],
    ["kv.get k timeout 0", "ERR TIMEOUT must be a number of ms from 1 to 60000 (timeoutMsMax)"],
    ["kv.get k timeout 60001", "ERR TIMEOUT must be a number of ms from 1 to 60000 (timeoutMsMax)"],
    ["kv.get k fallbacks maybe", "ERR FALLBACKS must be allow or deny"],
    ["kv.put k v durability disk", "ERR DURABILITY must be fsync or os"],
    ["kv.put k v ttl 0", `ERR TTL must be a number of ms from 1 to ${ttlMsMax} (ttlMsMax)`],
    [`kv.put k v ttl ${ttlMsMax + 1}`, `ERR TTL must be a number of ms from 1 to ${ttlMsMax} (ttlMsMax)`],
    [
      "kv.put k v ifnothing",
      "ERR unknown option 'ifnothing'; known are CONTEXT, W, DURABILITY, FALLBACKS, TIMEOUT, IFCONTEXT, IFVALUE, TTL, IFABSENT, IFPRESENT",
    ],
    [
      "kv.del k ttl 1",
      "ERR unknown option 'ttl'; known are CONTEXT, W, DURABILITY, FALLBACKS, TIMEOUT, IFCONTEXT, IFVALUE, IFPRESENT",
    ],
    ["kv.put k v ifabsent ifpresent", "ERR a write has one condition, not IFABSENT, IFPRESENT"],
    ["kv.put k v ifabsent ifabsent", "ERR option IFABSENT is given twice"],
    ["kv.put k v ifvalue", "ERR option IFVALUE needs a value"],
    ["kv.put k v w 1 ifabsent", "ERR W does not go with IFABSENT: a majority of the homes decides, fsynced"],
    ["kv.get k serial r 1", "ERR R does not go with SERIAL: a majority of the homes decides, fsynced"],
    ["kv.put k", "ERR wrong number of arguments for 'kv.put' command"],
    ["kv.get", "ERR wrong number of arguments for 'kv.get' command"],
    ["kv.explain k r 1", "ERR unknown option 'r'; known are TIMEOUT"],
    [
      "kv.admin nosuch",
      "ERR unknown KV.ADMIN verb 'NOSUCH'; known are STATUS, MEMBERS, NAMESPACES, RING, EXPLAIN, EXCHANGES, HINTS, PARTITIONS, VERIFY, BUDGET",
    ],
    ["kv.admin status k", "ERR wrong number of arguments for 'kv.admin|status' command"],
    ["kv.admin explain", "ERR wrong number of arguments for 'kv.admin|explain' command"],
    ["kv.admin ring k l", "ERR wrong number of arguments for 'kv.admin|ring' command"],
  ];
  for (const [words, text] of cases) await expectReply(face, words, `-${text}\r\n`);
  expect(face.member.asked).toEqual([]);
  const client = await TestClient.connect(face.port);
  client.send(request("KV.PUT", "k", "v", "TTL", String(ttlMsMax)));
  await client.until((text) => text.startsWith("*20\r\n"));
  expect(face.member.puts).toMatchObject([{ expiryMs: NOW_MS + ttlMsMax }]);
});

test("a read that says R is a plain one in every namespace, and only that one", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  client.send(Buffer.concat([request("KV.GET", "k", "R", "1"), request("KV.GET", "k"), request("GET", "k")]));
  await client.until(() => face.member.gets.length === 3);
  expect(face.member.gets.map(({ plain }) => plain)).toEqual([true, false, false]);
});
