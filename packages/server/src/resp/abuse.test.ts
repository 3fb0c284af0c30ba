/** Bounds over all connections, and of time, over real sockets: at the limit it works, beyond it somebody goes. */
import { setImmediate as nextTurn, setTimeout as later } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { TestClient, request, startFace, type TestFace } from "./resp-server.fixture.ts";

const KIB = 1024;
const PONG = "+PONG\r\n";

async function until(what: () => boolean): Promise<void> {
  while (!what()) await nextTurn();
}

/** Lets whatever is going to happen by itself happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextTurn();
  await later(20);
  for (let i = 0; i < 20; i++) await nextTurn();
}

async function expectNothingHeld({ server }: TestFace): Promise<void> {
  const { unfinished, inFlight, output, reading } = server.budgets;
  await until(() => server.stats.connections === 0);
  expect([unfinished.bytes, inFlight.bytes, output.bytes, reading.bytes]).toEqual([0, 0, 0, 0]);
}

/** The beginning of a SET whose value is `bytes` long, of which so many are sent. */
async function half(face: TestFace, bytes: number): Promise<TestClient> {
  const client = await TestClient.connect(face.port);
  const { bytesIn } = face.server.stats;
  const head = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n";
  client.send(head);
  client.send("x".repeat(bytes));
  await until(() => face.server.stats.bytesIn >= bytesIn + head.length + bytes);
  await nextTurn();
  return client;
}

describe("requests that do not come in whole", () => {
  const resp = { unfinishedTotalBytesMax: 9 * KIB * KIB, commandBytesMax: 9 * KIB * KIB };

  test("beyond what all may hold together, the one that holds most is closed, with the reason", async () => {
    const face = await startFace({ resp });
    const modest = await half(face, 100);
    const clients: TestClient[] = [];
    let greedy: TestClient | undefined;
    for (let i = 0; greedy === undefined; i++) {
      clients.push(await half(face, 700 * KIB + i * KIB));
      greedy = clients.find(({ text }) => text !== "");
    }
    expect(clients.length).toBeGreaterThan(8);
    const text = await greedy.untilEnd();
    expect(text).toMatch(/^-OVERLOADED unfinished .* 9437184 bytes, the limit \(unfinishedTotalBytesMax\)/);
    expect(text).toMatch(/nothing of it was done\r\n$/);
    await settle();
    expect(clients.filter(({ ended }) => ended)).toHaveLength(1);
    const { unfinished } = face.server.budgets;
    expect(unfinished.isOver).toBe(false);
    // The one that is closed held less than what the modest one is still to send.
    const others = clients.filter((client) => client !== greedy);
    for (const { socket } of others.slice(0, 2)) socket.destroy();
    await until(() => unfinished.bytes + 1_200_000 < resp.unfinishedTotalBytesMax);
    expect(await modest.ask(`${"x".repeat(1_000_000 - 100)}\r\n`, "+OK\r\n")).toBe("+OK\r\n");
    for (const { socket } of [modest, ...clients]) socket.destroy();
    await expectNothingHeld(face);
  });

  test("what somebody sent after they had been told to go is dropped, too", async () => {
    const face = await startFace({
      resp: { unfinishedTotalBytesMax: 9 * KIB * KIB, commandBytesMax: 9 * KIB * KIB },
    });
    face.member.answering = "held";
    const clients: TestClient[] = [];
    for (let i = 0; i < 200; i++) {
      const client = await TestClient.connect(face.port);
      client.send(`GET k\r\nQUIT\r\n${"PING\r\n".repeat(10_000)}`);
      clients.push(client);
    }
    await until(() => face.member.held === 200);
    await settle();
    expect(face.server.budgets.unfinished.isOver).toBe(false);
    while (face.member.held > 0) face.member.release();
    for (const client of clients) expect(await client.untilEnd()).toBe("$-1\r\n+OK\r\n");
    await expectNothingHeld(face);
  });

  test("a request that has waited for longer than it may is refused, and what came before it is answered", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ resp: { requestMsMax: 1000 }, nowMs: () => clock.nowMs });
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    const idle = await TestClient.connect(face.port);
    client.send("GET k\r\nSET k");
    await until(() => face.member.held === 1 && face.server.stats.bytesIn > 8);
    clock.nowMs = 1000;
    face.server.sweep();
    expect(face.server.stats.connectionsClosed).toBe(0);
    clock.nowMs = 1001;
    face.server.sweep();
    client.send(" v\r\n");
    await settle();
    face.member.release();
    expect(await client.untilEnd()).toBe(
      "$-1\r\n-ERR request has not come in whole within 1000 ms, the limit (requestMsMax)\r\n",
    );
    expect(face.member.asked).toEqual(["get k"]);
    clock.nowMs = 1e9;
    face.server.sweep();
    expect(await idle.ask(request("PING"), PONG)).toBe(PONG);
  });
});

test.each([
  [1000, 0],
  [1001, 1],
])("a client that asks nothing for %d ms where 1000 are allowed: %d closed", async (ms, closed) => {
  const clock = { nowMs: 0 };
  const face = await startFace({ resp: { idleMsMax: 1000 }, nowMs: () => clock.nowMs });
  const client = await TestClient.connect(face.port);
  await until(() => face.server.stats.connections === 1);
  clock.nowMs = ms;
  face.server.sweep();
  expect(face.server.stats.connectionsClosed).toBe(closed);
  if (closed === 0) expect(await client.ask(request("PING"), PONG)).toBe(PONG);
  else expect(face.events).toEqual([expect.stringContaining("(idleMsMax)")]);
});

describe("commands in flight", () => {
  /** A SET that is under way holds more than its value, by less than this: the chunk that its key is in. */
  const COST = 66 * KIB;

  test("beyond what all may hold together a command is refused, definitely, and nothing is done", async () => {
    const inFlightTotalBytesMax = 9 * KIB * KIB;
    const face = await startFace({ resp: { inFlightTotalBytesMax } });
    face.member.answering = "held";
    const clients: TestClient[] = [];
    const value = "x".repeat(900 * KIB);
    const fitting = Math.floor(inFlightTotalBytesMax / (900 * KIB + COST));
    for (let i = 0; i < fitting; i++) {
      const client = await TestClient.connect(face.port);
      client.send(request("SET", `k${i}`, value));
      clients.push(client);
      await until(() => face.member.held === i + 1);
    }
    const late = await TestClient.connect(face.port);
    late.send(request("SET", "late", value));
    const text = await late.until((received) => received.endsWith("\r\n"));
    expect(text).toMatch(
      /^-OVERLOADED .* 9437184 \(inFlightTotalBytesMax\); nothing was done; retry after 50 ms\r\n$/,
    );
    expect(face.server.stats.commandsShed).toBe(1);
    // Something small still fits, and what asks nothing of the member always does.
    late.send(request("GET", "nothing"));
    await until(() => face.member.held === fitting + 1);
    face.member.answering = "inside";
    while (face.member.held > 0) face.member.release();
    for (const client of clients) expect(await client.until((received) => received !== "")).toBe("+OK\r\n");
    await late.until((received) => received.endsWith("$-1\r\n"));
    expect(await late.ask(request("SET", "late", value), "+OK\r\n")).toBe("+OK\r\n");
    for (const { socket } of [late, ...clients]) socket.destroy();
    await expectNothingHeld(face);
  });

  test("one connection is not read while what it has under way holds too much", async () => {
    const face = await startFace({ resp: { inFlightBytesMax: 300 * KIB } });
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    for (let i = 0; i < 10; i++) client.send(request("SET", `k${i}`, "x".repeat(100 * KIB)));
    const { inFlight } = face.server.budgets;
    await until(() => inFlight.bytes >= 300 * KIB);
    await settle();
    // The one that reaches the limit still begins.
    expect(inFlight.bytes).toBeLessThan(300 * KIB + 100 * KIB + COST);
    expect(face.member.held).toBeLessThan(5);
    face.member.answering = "later";
    while (face.member.held > 0) face.member.release();
    expect(await client.until((text) => text.length >= 50)).toBe("+OK\r\n".repeat(10));
  });

  test("what a client that is gone has under way counts until it has ended", async () => {
    const face = await startFace();
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    client.send(request("SET", "k", "x".repeat(100 * KIB)));
    await until(() => face.member.held === 1);
    client.socket.resetAndDestroy();
    await until(() => face.server.stats.connections === 0);
    expect(face.server.budgets.inFlight.bytes).toBeGreaterThan(100 * KIB);
    face.member.release();
    await expectNothingHeld(face);
  });
});

describe("replies that are not taken", () => {
  const value = "x".repeat(KIB * KIB);

  /** Asks for so many values, and takes none. */
  async function deaf(face: TestFace, values: number): Promise<TestClient> {
    const client = await TestClient.connect(face.port);
    client.socket.pause();
    client.send("GET large\r\n".repeat(values));
    return client;
  }

  test("who takes nothing for too long is closed, and who takes a little is not", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ resp: { stuckMsMax: 1000 }, nowMs: () => clock.nowMs });
    face.member.addSibling("large", value);
    await deaf(face, 40);
    await until(() => face.server.budgets.output.bytes > 0);
    await settle();
    clock.nowMs = 1000;
    face.server.sweep();
    expect(face.server.stats.connections).toBe(1);
    clock.nowMs = 1001;
    face.server.sweep();
    expect(face.events).toEqual([
      expect.stringMatching(/taken nothing .* 1000 ms, the limit \(stuckMsMax\)$/),
    ]);
    await expectNothingHeld(face);
  });

  test("who was told to go and takes nothing is closed as well", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ resp: { stuckMsMax: 1000 }, nowMs: () => clock.nowMs });
    face.member.addSibling("large", value);
    const client = await deaf(face, 40);
    await until(() => face.server.budgets.output.bytes > 0);
    client.send("*x\r\n");
    await settle();
    expect(face.server.stats.connections).toBe(1);
    clock.nowMs = 1001;
    face.server.sweep();
    await expectNothingHeld(face);
  });

  test("beyond what all may leave, who has left most is closed; before that, everybody is read less", async () => {
    const face = await startFace({ resp: { outputTotalBytesMax: 32 * KIB * KIB } });
    face.member.addSibling("large", value);
    const clients: TestClient[] = [];
    for (let i = 0; i < 60; i++) {
      clients.push(await deaf(face, 40));
      await nextTurn();
    }
    await settle();
    const { output } = face.server.budgets;
    expect(output.bytes).toBeLessThanOrEqual(output.bytesMax);
    const other = await TestClient.connect(face.port);
    expect(await other.ask(request("PING"), PONG)).toBe(PONG);
    for (const { socket } of [other, ...clients]) socket.destroy();
    await expectNothingHeld(face);
  });
});

test("connections beyond the limit are told so, some at a time", async () => {
  const face = await startFace({ resp: { connectionsMax: 1, turnedAwayMax: 2, lingerMs: 60_000 } });
  const first = await TestClient.connect(face.port);
  await until(() => face.server.stats.connections === 1);
  const refused: TestClient[] = [];
  for (let i = 0; i < 3; i++) {
    refused.push(await TestClient.connect(face.port));
    await until(() => face.server.stats.connectionsRefused === i + 1);
  }
  const texts = await Promise.all(refused.map((client) => client.untilEnd()));
  expect(texts).toEqual([
    "-ERR max number of clients reached\r\n",
    "-ERR max number of clients reached\r\n",
    "",
  ]);
  expect(await first.ask(request("PING"), PONG)).toBe(PONG);
});
