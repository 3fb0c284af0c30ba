import { expect, test } from "vitest";
import type { FoundConflict } from "@kvorum/core";
import { array } from "../conversation.fixture.ts";
import { NOW_MS } from "../memory-member.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "../resp-server.fixture.ts";

const INSTANT = (NOW_MS - Date.UTC(2020, 0, 1)) * 4096 + 5;

const entry: FoundConflict = {
  instant: INSTANT,
  namespace: 1,
  key: Buffer.from("greeting"),
  kind: "concurrent",
  dot: { member: 2, start: 3, clock: 4 },
  versionKind: "value",
  expiryMs: 0,
  valueBytes: 5,
  value: Buffer.from("hello"),
  digest: null,
  winner: { member: 1, start: 5, clock: 6 },
  member: 3,
  number: 7,
};

async function ask(face: TestFace, words: string, reply: string): Promise<void> {
  const client = await TestClient.connect(face.port);
  expect(await client.ask(request(...words.split(" ")), reply)).toBe(reply);
}

function int(value: number): string {
  return `:${value}\r\n`;
}

function entryReply(...pairs: readonly (readonly [string, string])[]): string {
  return array(...pairs.flatMap(([name, value]) => [bulk(name), value]));
}

test("KV.CONFLICTS shows entries, who could not be asked, and where to go on", async () => {
  const face = await startFace();
  const large = { ...entry, namespace: 9, value: null, digest: new Uint8Array([1, 255]), valueBytes: 70_000 };
  face.member.conflictsPage = {
    code: "OK",
    entries: [entry, { ...large, kind: "overwritten", expiryMs: NOW_MS }],
    unasked: [2],
    next: { instant: INSTANT, member: 3, number: 7 },
  };
  const common = (namespace: string, kind: string): [string, string][] => [
    ["at_ms", int(NOW_MS)],
    ["member", int(3)],
    ["namespace", bulk(namespace)],
    ["key", bulk("greeting")],
    ["kind", bulk(kind)],
    ["dot", bulk("2.3.4")],
    ["version", bulk("value")],
  ];
  const first = entryReply(
    ...common("default", "concurrent"),
    ["expires_ms", int(0)],
    ["bytes", int(5)],
    ["value", bulk("hello")],
    ["winner", bulk("1.5.6")],
  );
  const second = entryReply(
    ...common("", "overwritten"),
    ["expires_ms", int(NOW_MS)],
    ["bytes", int(70_000)],
    ["digest", bulk("01ff")],
    ["winner", bulk("1.5.6")],
  );
  const cursor = `${INSTANT}.3.7`;
  await ask(
    face,
    "kv.conflicts",
    entryReply(["conflicts", array(first, second)], ["unasked", array(int(2))], ["cursor", bulk(cursor)]),
  );
  expect(face.member.asked.at(-1)).toBe("conflicts 0 * 20 -");
  face.member.conflictsPage = { code: "OK", entries: [], unasked: [], next: null };
  const nothing = entryReply(["conflicts", array()], ["unasked", array()], ["cursor", bulk("")]);
  await ask(face, `kv.conflicts cursor ${cursor} KEY greeting count 100 timeout 50`, nothing);
  expect(face.member.asked.at(-1)).toBe(`conflicts 1 greeting 100 ${INSTANT}`);
});

test("KV.CONFLICTS of a namespace, of all its keys or of one", async () => {
  const face = await startFace();
  const { topology } = face.member;
  const carts = { id: 2, name: "carts", policy: "lww", n: 3 } as const;
  face.member.topology = { ...topology, namespaces: [...topology.namespaces, carts] };
  const nothing = entryReply(["conflicts", array()], ["unasked", array()], ["cursor", bulk("")]);
  await ask(face, "kv.conflicts namespace carts", nothing);
  await ask(face, "kv.conflicts key a namespace carts", nothing);
  expect(face.member.asked).toEqual(["conflicts 2 * 20 -", "conflicts 2 a 20 -"]);
});

test.each([
  ["kv.conflicts what 1", "ERR unknown option 'what'; known are NAMESPACE, KEY, COUNT, CURSOR, TIMEOUT"],
  ["kv.conflicts namespace nosuch", "ERR no namespace 'nosuch'; this cluster has default"],
  ["kv.conflicts key", "ERR option KEY needs a value"],
  ["kv.conflicts key a key b", "ERR option KEY is given twice"],
  ["kv.conflicts count 101", "ERR COUNT must be a number from 1 to 100 (conflictPageMax)"],
  ["kv.conflicts count 0", "ERR COUNT must be a number from 1 to 100 (conflictPageMax)"],
  ["kv.conflicts timeout 0", "ERR TIMEOUT must be a number of ms from 1 to 60000 (timeoutMsMax)"],
  ["kv.conflicts cursor 1.2", "ERR CURSOR must be the cursor of an earlier answer"],
  ["kv.conflicts cursor 1.4294967296.1", "ERR CURSOR must be the cursor of an earlier answer"],
  ["kv.conflicts cursor 9999999999999999.1.1", "ERR CURSOR must be the cursor of an earlier answer"],
  [`kv.conflicts key ${"k".repeat(4_097)}`, "TOOLARGE key is 4097 bytes, the limit is 4096 (keyBytesMax)"],
])("%s is refused", async (words, text) => {
  const face = await startFace();
  await ask(face, words, `-${text}\r\n`);
  expect(face.member.asked).toEqual([]);
});
