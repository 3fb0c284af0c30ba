import { expect, test } from "vitest";
import { NULL, OK, expectConversation } from "./conversation.fixture.ts";
import { NOW_MS } from "./memory-member.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "./resp-server.fixture.ts";

/** Says something to a member that answers nothing by itself, then does what the steps do between its answers. */
async function between(
  face: TestFace,
  words: string,
  reply: string,
  ...steps: (() => void)[]
): Promise<void> {
  const { member } = face;
  member.answering = "frozen";
  const client = await TestClient.connect(face.port);
  client.send(request(...words.split(" ")));
  for (const step of steps) {
    while (member.held === 0) await new Promise((resolve) => setImmediate(resolve));
    step();
    member.release();
  }
  member.answering = "inside";
  while (client.text.length < reply.length && !client.ended) {
    if (member.held > 0) member.release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect({ words, reply: client.text }).toEqual({ words, reply });
}

function nothing(): void {
  // The member answers as it is.
}

test("a read, and a write with its context", async () => {
  const face = await startFace();
  await expectConversation(face, [
    ["set k v", OK],
    ["expire k 10", ":1\r\n"],
  ]);
  expect(face.member.asked).toEqual(["put k", "get k", "put k"]);
  expect(face.member.puts[1]).toMatchObject({
    context: "token-k-1",
    onlyIfSeen: true,
    expiryMs: NOW_MS + 10_000,
  });
});

test("a value set meanwhile is kept, and expires instead", async () => {
  const face = await startFace();
  await expectConversation(face, [["set k old", OK]]);
  await between(face, "expire k 10", ":1\r\n", nothing, () => face.member.overwriteBeside("k", "new"));
  await expectConversation(face, [
    ["get k", bulk("new")],
    ["pttl k", ":10000\r\n"],
  ]);
  expect(face.member.asked.slice(0, 5)).toEqual(["put k", "get k", "put k", "get k", "put k"]);
});

test("a key deleted meanwhile stays deleted", async () => {
  const face = await startFace();
  for (const [words, reply] of [
    ["expire k 10", ":0\r\n"],
    ["getex k ex 10", NULL],
  ] as const) {
    await expectConversation(face, [["set k old", OK]]);
    await between(face, words, reply, nothing, () => face.member.deleteBeside("k"));
    expect(face.member.valueOf("k")).toBeNull();
  }
});

test("a condition is judged again on what was set meanwhile", async () => {
  const face = await startFace();
  await expectConversation(face, [["set k old px 5000", OK]]);
  await between(face, "expire k 10 xx", ":0\r\n", nothing, () => face.member.overwriteBeside("k", "new"));
  await expectConversation(face, [
    ["get k", bulk("new")],
    ["pttl k", ":-1\r\n"],
  ]);
});

test("SET KEEPTTL replaces what was set meanwhile", async () => {
  const face = await startFace();
  await expectConversation(face, [["set k old px 5000", OK]]);
  await between(face, "set k mine keepttl", OK, nothing, () => face.member.overwriteBeside("k", "other"));
  await expectConversation(face, [
    ["get k", bulk("mine")],
    ["pttl k", ":-1\r\n"],
  ]);
});

test("siblings with different values are a conflict, with equal ones they are none", async () => {
  const face = await startFace();
  face.member.addSibling("k", "one");
  face.member.addSibling("k", "two");
  const conflict =
    "-CONFLICT the key has 2 siblings with different values; nothing was written; read them with KV.GET and write one with their context\r\n";
  await expectConversation(face, [
    ["expire k 10", conflict],
    ["getex k ex 10", conflict],
    ["getex k", bulk("two")],
    ["persist k", conflict],
    ["set k mine keepttl", OK],
    ["get k", bulk("mine")],
    ["expire k 10", ":1\r\n"],
  ]);
  face.member.addSibling("l", "same");
  face.member.addSibling("l", "same");
  await expectConversation(face, [
    ["expire l 10", ":1\r\n"],
    ["pttl l", ":10000\r\n"],
  ]);
});

test("a key that keeps changing ends in a conflict at the deadline, and nothing is written", async () => {
  const face = await startFace();
  await expectConversation(face, [["set k old", OK]]);
  const disturb = (): void => {
    face.member.now += 1_000;
    face.member.overwriteBeside("k", `new at ${face.member.now}`);
  };
  const steps = Array.from({ length: 10 }, (_, step) => (step % 2 === 0 ? nothing : disturb));
  const conflict = "-CONFLICT the key has changed since it was read; nothing was written; read it again\r\n";
  await between(face, "expire k 10", conflict, ...steps);
  await expectConversation(face, [
    ["get k", bulk(`new at ${face.member.now}`)],
    ["pttl k", ":-1\r\n"],
  ]);
});

test("failures of the read and of the write are told", async () => {
  const face = await startFace();
  const { failures } = face.member;
  await expectConversation(face, [["set k v", OK]]);
  await between(face, "expire k 20", "-TIMEOUT late\r\n", nothing, () =>
    failures.set("k", { code: "TIMEOUT", text: "late" }),
  );
  await expectConversation(face, [["persist k", "-TIMEOUT late\r\n"]]);
});

test("a client that is gone is not answered, and the write still ends", async () => {
  const face = await startFace();
  await expectConversation(face, [["set k v", OK]]);
  face.member.answering = "held";
  const client = await TestClient.connect(face.port);
  client.send(request("expire", "k", "10"));
  while (face.member.held === 0) await new Promise((resolve) => setImmediate(resolve));
  client.socket.resetAndDestroy();
  while (face.server.stats.connections > 1) await new Promise((resolve) => setImmediate(resolve));
  face.member.answering = "inside";
  face.member.release();
  await expectConversation(face, [["pttl k", ":10000\r\n"]]);
});
