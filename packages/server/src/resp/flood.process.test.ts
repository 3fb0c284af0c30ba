/** More than a member can take at once, and bytes that no peer would send, against a real member. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { LoneMember } from "./lone-member.fixture.ts";
import { TestClient, bulk, request } from "./resp-server.fixture.ts";

const CONNECTIONS = 200;
const EACH = 1_000;
const VALUE = "v".repeat(1_000);
const OVERLOADED = /^-OVERLOADED .*nothing was done; retry after \d+ ms$/;

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Sends a thousand writes at once and counts the answers; null when the connection has ended before the last. */
async function flood(
  port: number,
  id: number,
): Promise<{ ok: number; refused: number; other: string[] } | null> {
  const socket = await dial(port);
  let text = "";
  const tally = { ok: 0, refused: 0, other: new Array<string>() };
  const done = new Promise<boolean>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString("latin1")).split("\r\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "+OK") tally.ok++;
        else if (OVERLOADED.test(line)) tally.refused++;
        else tally.other.push(line);
      }
      if (tally.ok + tally.refused + tally.other.length === EACH) resolve(true);
    });
    socket.on("close", () => resolve(false));
  });
  socket.write(Buffer.concat(Array.from({ length: EACH }, (_, i) => request("SET", `${id}-${i}`, VALUE))));
  return (await done) ? tally : null;
}

test("200 clients with 1,000 writes in flight each: all are answered definitely, and so is another client", async () => {
  const member = await LoneMember.start(39_150, { clients: { inFlightTotalBytesMax: 16 << 20 } });
  onTestFinished(() => member.dispose(), 30_000);
  const neighbour = await TestClient.connect(member.port);
  const flooding = Array.from({ length: CONNECTIONS }, (_, id) => flood(member.port, id));
  const tallies = Promise.all(flooding);
  let isOver = false;
  void tallies.then(() => (isOver = true));
  let asked = 0;
  for (; !isOver; asked++) {
    expect(await neighbour.ask(request("ECHO", String(asked)), bulk(String(asked)))).toBe(
      bulk(String(asked)),
    );
    const written = await neighbour.ask(request("SET", "n", String(asked)), "+OK\r\n");
    expect(written === "+OK\r\n" || OVERLOADED.test(written.trimEnd())).toBe(true);
    await later(5);
  }
  const all = await tallies;
  expect(all.filter((tally) => tally === null)).toEqual([]);
  expect(all.flatMap((tally) => tally?.other ?? [])).toEqual([]);
  const [ok, refused] = [sum(all.map((tally) => tally?.ok)), sum(all.map((tally) => tally?.refused))];
  expect(ok + refused).toBe(CONNECTIONS * EACH);
  expect(ok).toBeGreaterThan(0);
  expect(asked).toBeGreaterThan(0);
  expect(await neighbour.ask(request("SET", "n", "after"), "+OK\r\n")).toBe("+OK\r\n");
  expect(member.lives).toBe(true);
});

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

/** Beginnings that get some of the way: the magic, a version, lengths from nothing to everything. */
const HEADS = [
  "",
  "KVF1",
  "KVF1\x01\0\0\0",
  `KVF1\x01\0\0\0${"\0".repeat(12)}\xff\xff\xff\xff`,
  "GET / HTTP/1.1\r\n",
  "*1\r\n$4\r\nPING\r\n",
];

test("random bytes at the peer port: each connection is closed, the member lives and holds little more", async () => {
  const member = await LoneMember.start(39_300);
  onTestFinished(() => member.dispose(), 30_000);
  const before = await member.settled();
  const bodies = fc.sample(fc.uint8Array({ minLength: 32, maxLength: 5_000 }), 300);
  const sockets: Socket[] = [];
  for (const [i, body] of bodies.entries()) {
    const socket = await dial(member.peerPort);
    socket.resume();
    socket.write(Buffer.from(HEADS[i % HEADS.length] ?? "", "latin1"));
    socket.write(body);
    sockets.push(socket);
  }
  // These say nothing, or begin and never end; those that say too little are closed when their time is up.
  for (const head of HEADS) (await dial(member.peerPort)).write(Buffer.from(`${head} `, "latin1"));
  const open = sockets.filter((socket) => !socket.closed);
  await Promise.all(open.map((socket) => once(socket, "close")));
  const client = await TestClient.connect(member.port);
  expect(await client.ask(request("SET", "k", "v"), "+OK\r\n")).toBe("+OK\r\n");
  const after = await member.settled();
  expect(after.usedBytes - before.usedBytes).toBeLessThan(8 << 20);
  expect(member.lives).toBe(true);
});
