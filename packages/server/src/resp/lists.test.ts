/** Replies that are lists of any length, many in one pipeline: all arrive, and little is held at a time. */
import { setImmediate as nextTurn, setTimeout as later } from "node:timers/promises";
import { expect, test } from "vitest";
import type { FoundConflict } from "@kvorum/core";
import { NOW_MS } from "./memory-member.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "./resp-server.fixture.ts";

const MIB = 1 << 20;

/** A page as large as there is: a hundred values that are kept whole. */
function largestPage(): FoundConflict[] {
  const entry: FoundConflict = {
    instant: (NOW_MS - Date.UTC(2020, 0, 1)) * 4096,
    namespace: 1,
    key: Buffer.from("cart"),
    kind: "concurrent",
    dot: { member: 2, start: 3, clock: 4 },
    versionKind: "value",
    expiryMs: 0,
    valueBytes: 65_536,
    value: Buffer.alloc(65_536, "v"),
    digest: null,
    winner: { member: 1, start: 5, clock: 6 },
    member: 3,
    number: 7,
  };
  return Array.from({ length: 100 }, () => entry);
}

/** Sends, reads all the time, and counts what comes; `most` is how much was unsent at a time. */
async function flood(face: TestFace, asked: Buffer, isDone: (bytes: number) => boolean) {
  const client = await TestClient.connect(face.port);
  let bytes = 0;
  let most = 0;
  client.socket.removeAllListeners("data");
  client.socket.on("data", (chunk: Buffer) => (bytes += chunk.length));
  client.send(asked);
  while (!isDone(bytes) && !client.ended) {
    most = Math.max(most, face.server.budgets.output.bytes);
    await nextTurn();
  }
  return { bytes, most, ended: client.ended };
}

function times(count: number, ...words: string[]): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => request(...words)));
}

test("a client that pipelines the largest pages of conflicts gets them all, also after small replies", async () => {
  const face = await startFace();
  face.member.addSibling("small", "v");
  face.member.answering = "later";
  const count = 40;
  const asked = Buffer.concat([
    times(200, "GET", "small"),
    times(count, "KV.CONFLICTS", "COUNT", "100"),
    request("ECHO", "end"),
  ]);
  face.member.conflictsPage = { entries: largestPage(), unasked: [], next: null };
  const least = count * 100 * 65_536;
  const { most, ended } = await flood(face, asked, (bytes) => bytes > least + count * 100);
  expect([ended, face.events]).toEqual([false, []]);
  expect(most).toBeLessThan(16 * MIB);
});

test.each(["KEYS *", "CLUSTER GETKEYSINSLOT 0 10", "KV.CONFLICTS"])(
  "%s is under way once at a time on a connection",
  async (words) => {
    const face = await startFace();
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    client.send(times(3, ...words.split(" ")));
    for (let turn = 1; turn <= 3; turn++) {
      while (face.member.held === 0) await nextTurn();
      await later(20);
      expect([face.member.held, face.member.asked.length]).toEqual([1, turn]);
      face.member.release();
    }
  },
);

test("conflicts are looked for after the writes before them, and before those that follow", async () => {
  const face = await startFace();
  face.member.answering = "held";
  const client = await TestClient.connect(face.port);
  client.send("SET k 1\r\nKV.CONFLICTS KEY k\r\nSET k 2\r\n");
  for (const asked of ["put k", "conflicts 1 k 20 -", "put k"]) {
    while (face.member.held === 0) await nextTurn();
    await later(20);
    expect([face.member.held, face.member.asked.at(-1)]).toEqual([1, asked]);
    face.member.release();
  }
});

test("conflicts are not looked for while the commands of all clients hold too much", async () => {
  const face = await startFace({ resp: { inFlightTotalBytesMax: 9 * MIB } });
  face.member.answering = "held";
  const clients: TestClient[] = [];
  for (let i = 0; i < 9; i++) {
    const client = await TestClient.connect(face.port);
    client.send(request("SET", `k${i}`, "x".repeat(MIB - 70_000)));
    clients.push(client);
    while (face.member.held <= i) await nextTurn();
  }
  const late = await TestClient.connect(face.port);
  late.send(request("KV.CONFLICTS", "KEY", "x".repeat(4096), "TIMEOUT", "x".repeat(400_000)));
  expect(await late.until((text) => text !== "")).toMatch(/^-OVERLOADED .*nothing was done/);
  expect(await late.ask(request("ECHO", "end"), bulk("end"))).toBe(bulk("end"));
});
