import { OUTCOMES } from "@kvorum/core";
import { expect, test } from "vitest";
import { OK, expectConversation } from "../conversation.fixture.ts";
import { TestClient, request, startFace, type TestFace } from "../resp-server.fixture.ts";

async function json(face: TestFace, ...words: string[]): Promise<unknown> {
  const client = await TestClient.connect(face.port);
  client.send(request("KV.ADMIN", ...words));
  const text = await client.until((received) => /^\$(\d+)\r\n[^]*\r\n$/.test(received));
  const body = text.slice(text.indexOf("\r\n") + 2, -2);
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8")) as unknown;
}

test("status is what the member says of itself, with the release, the process and its clients", async () => {
  const face = await startFace();
  const status = await json(face, "status");
  expect(status).toMatchObject({ ...face.member.status(), release: "0.0.0-test" });
  expect(status).toMatchObject({
    process: { release: "0.0.0-test", pid: process.pid, diskFreeBytes: 1_000 },
    clients: { connections: 1, commands: 1 },
  });
});

test("members and namespaces", async () => {
  const face = await startFace();
  face.member.unreachable.add(2);
  const members = await json(face, "MEMBERS");
  expect(members).toMatchObject([
    {
      id: 1,
      name: "member-1",
      resp: "127.0.0.1:7401",
      peer: "127.0.0.1:7601",
      http: "127.0.0.1:7501",
      reachable: true,
      self: true,
    },
    { id: 2, zone: "zone-2", region: "region", host: "host-2", weight: 100, reachable: false, self: false },
    { id: 3, reachable: true, self: false },
  ]);
  expect(await json(face, "NAMESPACES")).toEqual([{ id: 1, name: "default", policy: "siblings", n: 3 }]);
});

test("the ring, whole and for one key", async () => {
  const face = await startFace();
  const ring = await json(face, "RING");
  expect(ring).toMatchObject({
    cluster: "test",
    epoch: 1,
    partitions: 16,
    replicas: 3,
    members: [
      { id: 1, name: "member-1", homes: 16, firstHomes: 6 },
      { id: 2, homes: 16, firstHomes: 5 },
      { id: 3, homes: 16, firstHomes: 5 },
    ],
  });
  expect((ring as { runs: unknown[] }).runs).toHaveLength(16);
  face.member.unreachable.add(2);
  expect(await json(face, "RING", "k")).toEqual({
    key: "k",
    slot: 7629,
    partition: 7,
    homes: [2, 3, 1],
    fallbacks: [],
    coordinator: 3,
    epoch: 1,
  });
});

test("a key of another namespace has as many homes as that one says", async () => {
  const face = await startFace();
  const { topology } = face.member;
  const single = { id: 2, name: "single", policy: "siblings", n: 1 } as const;
  face.member.topology = { ...topology, namespaces: [...topology.namespaces, single] };
  const client = await TestClient.connect(face.port);
  client.send(Buffer.concat([request("KV.USE", "single"), request("KV.ADMIN", "RING", "k")]));
  expect(await client.until((text) => text.endsWith("}\r\n"))).toContain('"homes":[2],');
});

test("explain", async () => {
  const face = await startFace();
  await expectConversation(face, [[["set", "\u00fcber", "v"], OK]]);
  expect(await json(face, "EXPLAIN", Buffer.from("k\u00fc", "utf8").toString("latin1"))).toMatchObject({
    key: "k\u00fc",
    coordinator: expect.any(Number) as number,
    equal: true,
    views: [{ versions: [] }, {}, {}],
  });
  expect(await json(face, "EXPLAIN", "\u00fcber")).toMatchObject({
    views: [
      {
        name: expect.stringMatching(/^member-/) as string,
        code: "OK",
        versions: [{ dot: "1.1.1", kind: "value", expiryMs: 0 }],
        context: ["1.1.1"],
      },
      {},
      {},
    ],
  });
});

test("the background budget, shown and set", async () => {
  const face = await startFace();
  expect(await json(face, "BUDGET")).toEqual(face.member.status().budget);
  expect(await json(face, "budget", "rate", "500")).toMatchObject({
    operationsRateMax: 500,
    bytesRateMax: 1_000_000,
  });
  expect(await json(face, "BUDGET", "BYTES", "70000", "RATE", "9")).toMatchObject({
    operationsRateMax: 9,
    bytesRateMax: 70_000,
  });
  await expectConversation(face, [
    ["kv.admin budget rate 0", "-ERR RATE must be operations per second from 1 to 1000000\r\n"],
    ["kv.admin budget rate", "-ERR RATE must be operations per second from 1 to 1000000\r\n"],
    ["kv.admin budget bytes 1.5", "-ERR BYTES must be bytes per second from 1 to 1099511627776\r\n"],
    [
      "kv.admin budget much",
      "-ERR KV.ADMIN BUDGET takes RATE operations and BYTES bytes, both per second\r\n",
    ],
  ]);
  expect(face.member.budgetMax).toEqual({ operations: 9, bytes: 70_000 });
});

test("exchanges are what the member says of them", async () => {
  const face = await startFace();
  expect(await json(face, "EXCHANGES")).toEqual({
    id: 1,
    name: "member-1",
    ...face.member.status().upkeep,
  });
});

test("hints are what the member says of them, with the names of those they are for", async () => {
  const face = await startFace();
  const { hints } = face.member.status().upkeep;
  expect(hints).toHaveLength(1);
  expect(await json(face, "HINTS")).toEqual({
    id: 1,
    name: "member-1",
    hints: hints.map((hint) => ({ ...hint, name: "member-2" })),
  });
});

test("partitions come a page at a time", async () => {
  const face = await startFace();
  const whole = await json(face, "PARTITIONS");
  expect(whole).toMatchObject({ id: 1, name: "member-1", count: 16, next: null });
  expect((whole as { partitions: unknown[] }).partitions).toEqual(face.member.partitions(0, 16));
  const { topology } = face.member;
  const lists = Array.from({ length: 32 }, () => topology.preferenceLists).flat();
  face.member.topology = { ...topology, preferenceLists: lists };
  expect(await json(face, "PARTITIONS", "0")).toMatchObject({ count: 512, next: 256 });
  expect(await json(face, "PARTITIONS", "256")).toMatchObject({
    next: null,
    partitions: expect.arrayContaining([expect.objectContaining({ partition: 511 })]) as unknown,
  });
  await expectConversation(face, [
    [["kv.admin", "partitions", "512"], "-ERR the first partition must be a number from 0 to 511\r\n"],
    [["kv.admin", "partitions", "x"], "-ERR the first partition must be a number from 0 to 511\r\n"],
  ]);
});

test("a comparison goes on where an answer ended, and names keys byte for byte", async () => {
  const face = await startFace();
  const next = new Uint8Array([0x10, 0x20, 0x01, 0xff]);
  const difference = { key: new Uint8Array([0xff, 0x00]), groups: [[1, 2]], missing: [3], damaged: [] };
  const counts = { keys: 7, compared: 6, different: 1 };
  const unasked = [{ member: 3, code: "QUORUM" as const }];
  face.member.verifyPage = { code: "OK", ...counts, differences: [difference], unasked, next };
  const first = await json(face, "VERIFY");
  const cursor = "ECAB_w";
  const told = { keyBase64: "/wA=", groups: [[1, 2]], missing: [3], damaged: [] };
  expect(first).toEqual({ ...counts, differences: [told], unasked, slots: 0x2001, cursor });
  face.member.verifyPage = { ...face.member.verifyPage, differences: [], next: null };
  expect(await json(face, "VERIFY", cursor)).toMatchObject({ slots: 16_384, cursor: null });
  expect(face.member.asked).toEqual(["verify 1 -", "verify 1 102001ff"]);
  await expectConversation(face, [
    [["kv.admin", "verify", "!"], "-ERR the cursor must be that of an earlier answer\r\n"],
    [["kv.admin", "verify", "A".repeat(8_193)], "-ERR the cursor must be that of an earlier answer\r\n"],
  ]);
  face.member.verifyPage = { ...face.member.verifyPage, code: "OVERLOADED" };
  await expectConversation(face, [[["kv.admin", "verify"], `-OVERLOADED ${OUTCOMES.OVERLOADED.text}\r\n`]]);
});
