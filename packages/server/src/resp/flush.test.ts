import { expect, test } from "vitest";
import { OK, expectConversation } from "./conversation.fixture.ts";
import { TestClient, request, startFace, type TestFace } from "./resp-server.fixture.ts";

async function filled(count: number, parts: Parameters<typeof startFace>[0] = {}): Promise<TestFace> {
  const face = await startFace({ allowFlush: true, ...parts });
  for (let index = 0; index < count; index++) face.member.overwriteBeside(`key-${index}`, "v");
  return face;
}

function left({ member }: TestFace, count: number): number {
  return Array.from({ length: count }, (_, index) => member.valueOf(`key-${index}`)).filter(
    (value) => value !== null,
  ).length;
}

async function flush(face: TestFace): Promise<string> {
  const client = await TestClient.connect(face.port);
  client.send(request("FLUSHALL"));
  return client.until((text) => text.endsWith("\r\n"));
}

test("is refused unless the configuration allows it, and the refusal names the key", async () => {
  const face = await startFace();
  const words = (name: string): string =>
    `-ERR ${name} is not allowed: it deletes every key, and this member's configuration does not say allowFlush: true\r\n`;
  await expectConversation(face, [
    ["flushall", words("FLUSHALL")],
    ["flushdb async", words("FLUSHDB")],
  ]);
  expect(face.member.asked).toEqual([]);
});

test("takes ASYNC or SYNC, and nothing else", async () => {
  const face = await filled(1);
  const syntax = "-ERR syntax error\r\n";
  await expectConversation(face, [
    ["flushall now", syntax],
    ["flushall async sync", syntax],
    ["get key-0", "$1\r\nv\r\n"],
    ["flushall async", OK],
    ["get key-0", "$-1\r\n"],
    ["flushdb SYNC", OK],
    ["flushdb", OK],
  ]);
});

test("deletes every key, page by page, and says so once all are gone", async () => {
  const face = await filled(2_500);
  face.member.answering = "later";
  expect(await flush(face)).toBe(OK);
  expect(left(face, 2_500)).toBe(0);
  expect(face.member.asked.filter((each) => each.startsWith("scan"))).toHaveLength(3);
  expect(face.events).toEqual(["flush: a client has every key of the namespace default deleted"]);
});

test("asks for no more deletes at a time than other commands with many keys", async () => {
  const face = await filled(100, { resp: { fanOutMax: 7 } });
  face.member.answering = "held";
  const answer = flush(face);
  let most = 0;
  let ended = false;
  void answer.then(() => (ended = true));
  while (!ended) {
    most = Math.max(most, face.member.held);
    face.member.release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([await answer, most]).toEqual([OK, 7]);
});

test("deletes with the W and the durability of its connection", async () => {
  const face = await filled(1);
  await expectConversation(face, [
    ["kv.defaults w all durability os timeout 700", OK],
    ["flushall", OK],
  ]);
  expect(face.member.puts).toMatchObject([{ kind: "delete", w: -1, durability: "os", timeoutMs: 700 }]);
});

test("commands after it on its connection wait for it", async () => {
  const face = await filled(10);
  face.member.answering = "later";
  const client = await TestClient.connect(face.port);
  client.send(Buffer.concat([request("FLUSHALL"), request("SET", "key-1", "new"), request("GET", "key-1")]));
  const replies = `${OK}${OK}$3\r\nnew\r\n`;
  expect(await client.until((text) => text.length >= replies.length)).toBe(replies);
});

test("passes over what cannot be deleted, and counts it", async () => {
  const face = await filled(2_500);
  for (const key of ["key-7", "key-2001"]) face.member.failures.set(key, { code: "QUORUM", text: "too few" });
  expect(await flush(face)).toBe(
    "-UNKNOWN 2498 keys were deleted and 2 are left, or may be; the first failure was: QUORUM too few; say it again\r\n",
  );
  expect(left(face, 2_500)).toBe(2);
});

test("is definite when nothing was deleted", async () => {
  const face = await filled(1);
  face.member.failures.set("key-0", { code: "QUORUM", text: "too few" });
  expect(await flush(face)).toBe("-QUORUM too few; none of 1 keys were deleted\r\n");
  face.member.failures.set("key-0", { code: "TIMEOUT", text: "late" });
  expect(await flush(face)).toBe(
    "-UNKNOWN 0 keys were deleted and 1 are left, or may be; the first failure was: TIMEOUT late; say it again\r\n",
  );
  face.member.failures.set("*", { code: "DAMAGED", text: "a bad page" });
  expect(await flush(face)).toBe("-DAMAGED a bad page\r\n");
});

test("that cannot go on says how far it came", async () => {
  const face = await filled(2_500);
  const { member } = face;
  const scan = member.scan.bind(member);
  member.scan = (page, user, tag) => {
    if (page.cursor > 0) member.failures.set("*", { code: "QUORUM", text: "too few" });
    scan(page, user, tag);
  };
  expect(await flush(face)).toMatch(
    /^-UNKNOWN 1000 keys were deleted in (?:[5-7]\d{3}) of 16384 slots: QUORUM too few\r\n$/,
  );
});

test("ends at its deadline and says what was done", async () => {
  let nowMs = 0;
  const face = await filled(2_500, { nowMs: () => nowMs });
  const put = face.member.put.bind(face.member);
  const timeouts = new Set<number>();
  face.member.put = (call, user, tag) => {
    timeouts.add(call.timeoutMs);
    nowMs += 59.999;
    put(call, user, tag);
  };
  expect(await flush(face)).toMatch(
    /^-TIMEOUT 2000 keys were deleted within 60000 ms \(timeoutMsMax\) in 1[0-6]\d{3} of 16384 slots; say it again to go on\r\n$/,
  );
  expect([Math.max(...timeouts), Math.min(...timeouts)]).toEqual([5_000, 1]);
  expect(left(face, 2_500)).toBe(500);
});

test("stops when nobody waits for its answer any more", async () => {
  const face = await filled(2_500);
  face.member.answering = "held";
  const client = await TestClient.connect(face.port);
  client.send(request("FLUSHALL"));
  while (face.member.held === 0) await new Promise((resolve) => setImmediate(resolve));
  client.socket.resetAndDestroy();
  while (face.server.stats.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  face.member.answering = "inside";
  face.member.release();
  expect(face.member.asked).toHaveLength(1);
});
