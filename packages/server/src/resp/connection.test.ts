/** Order, bounds and back-pressure of connections, over real sockets. */
import { setImmediate as nextTurn, setTimeout as later } from "node:timers/promises";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { NOW_MS } from "./memory-member.fixture.ts";
import { TestClient, bulk, makeFace, request, startFace, type TestFace } from "./resp-server.fixture.ts";

const OK = "+OK\r\n";
const MIB = 1 << 20;

/** Waits for something that other turns bring about. */
async function until(what: () => boolean): Promise<void> {
  while (!what()) await nextTurn();
}

/** Lets whatever is going to happen by itself happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextTurn();
  await later(20);
  for (let i = 0; i < 20; i++) await nextTurn();
}

async function heldFace(parts: Parameters<typeof startFace>[0] = {}): Promise<TestFace> {
  const face = await startFace(parts);
  face.member.answering = "held";
  return face;
}

describe("order", () => {
  test("replies go out in the order of the commands, in whatever order those end", async () => {
    const face = await startFace();
    for (const key of ["a", "b", "c"]) face.member.addSibling(key, `value of ${key}`);
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    client.send("GET a\r\nPING\r\nGET b\r\nECHO x\r\nGET c\r\nGET d\r\n");
    await until(() => face.member.held === 4);
    for (const index of [2, 2, 1]) face.member.release(index);
    await settle();
    expect(client.text).toBe("");
    face.member.release();
    const expected = `${bulk("value of a")}+PONG\r\n${bulk("value of b")}${bulk("x")}${bulk("value of c")}$-1\r\n`;
    expect(await client.until((text) => text.length >= expected.length)).toBe(expected);
  });

  test("any order of the answers gives the same replies", async () => {
    const face = await startFace();
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    // Some too large to be copied, some empty.
    const valueOf = (i: number): string => String(i).repeat(i % 7 === 0 ? 60_000 : i % 5);
    for (const [i, key] of keys.entries()) face.member.addSibling(key, valueOf(i));
    face.member.answering = "held";
    const expected = keys.map((_, i) => bulk(valueOf(i))).join("");
    for (const stride of [1, 3, 7, 11, 39]) {
      const client = await TestClient.connect(face.port);
      client.send(keys.map((key) => `GET ${key}\r\n`).join(""));
      // The largest values are expected at first, so not all begin at once.
      while (client.bytes.length < expected.length) {
        for (let at = 0; face.member.held > 0; at += stride) face.member.release(at % face.member.held);
        await nextTurn();
      }
      expect(client.text === expected).toBe(true);
    }
  });

  test("a change of protocol holds for what comes after it", async () => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.send("GET a\r\nHELLO 3\r\nGET b\r\nHELLO 2\r\nGET c\r\n");
    await until(() => face.member.held === 3);
    for (let i = 0; i < 3; i++) face.member.release();
    const text = await client.until(
      (received) => (received.match(/modules/g)?.length ?? 0) === 2 && received.endsWith("$-1\r\n"),
    );
    expect(text.startsWith("$-1\r\n%7\r\n")).toBe(true);
    expect(text).toContain("*0\r\n_\r\n*14\r\n");
  });

  test("a read waits for a write of its key, and a write for a read", async () => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.send("SET k 1\r\nGET l\r\nGET k\r\nSET k 2\r\nGET k\r\n");
    await until(() => face.member.held === 2);
    await settle();
    expect(face.member.asked).toEqual(["put k", "get l"]);
    face.member.release();
    await until(() => face.member.asked.length === 3);
    await settle();
    expect(face.member.asked).toEqual(["put k", "get l", "get k"]);
    face.member.answering = "later";
    while (face.member.held > 0) face.member.release();
    const expected = `${OK}$-1\r\n${bulk("1")}${OK}${bulk("2")}`;
    expect(await client.until((text) => text.length >= expected.length)).toBe(expected);
  });

  test("other connections do not wait", async () => {
    const face = await heldFace();
    const one = await TestClient.connect(face.port);
    const two = await TestClient.connect(face.port);
    one.send("SET k 1\r\nGET k\r\n");
    two.send("GET k\r\n");
    await until(() => face.member.held === 2);
    expect(face.member.asked.toSorted()).toEqual(["get k", "put k"]);
  });

  test("writes of one key are under way together, unless one travels by another way", async () => {
    const face = await heldFace({ limits: { bulkBytesMin: 1000 } });
    const client = await TestClient.connect(face.port);
    client.send(`SET k 1\r\nSET k 2\r\nSET k ${"x".repeat(600)}\r\nSET l 1\r\n`);
    await until(() => face.member.held === 2);
    await settle();
    expect(face.member.held).toBe(2);
    face.member.answering = "later";
    while (face.member.held > 0) face.member.release();
    expect(await client.until((text) => text.length >= 20)).toBe(OK.repeat(4));
    expect(face.member.valueOf("k")).toBe("x".repeat(600));
  });

  test("dbsize and commands on several keys wait for the writes before them", async () => {
    const face = await startFace();
    face.member.answering = "later";
    const client = await TestClient.connect(face.port);
    client.send(
      "SET a 1\r\nSET b 2\r\nDBSIZE\r\nMGET a b\r\nDEL a b\r\nEXISTS a b\r\nMSET a 3 b 4\r\nGET b\r\n",
    );
    const expected = `${OK}${OK}:2\r\n*2\r\n${bulk("1")}${bulk("2")}:2\r\n:0\r\n${OK}${bulk("4")}`;
    expect(await client.until((text) => text.length >= expected.length)).toBe(expected);
  });
});

describe("bounds", () => {
  test.each([
    [1023, 1023],
    [1024, 1024],
    [1025, 1024],
  ])("%d commands at once: %d are under way", async (count, underWay) => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.send(Array.from({ length: count }, (_, i) => `SET key-${i} v\r\n`).join(""));
    await until(() => face.member.held >= underWay);
    await settle();
    expect(face.member.held).toBe(underWay);
    face.member.answering = "inside";
    while (face.member.held > 0) face.member.release();
    expect(await client.until((text) => text.length >= 5 * count)).toBe(OK.repeat(count));
  });

  test("a long pipeline is served under back-pressure, whole and in order", async () => {
    const face = await startFace();
    face.member.answering = "later";
    const client = await TestClient.connect(face.port);
    const count = 20_000;
    client.send(Array.from({ length: count }, (_, i) => `ECHO ${i}\r\nSET key-${i % 100} ${i}\r\n`).join(""));
    const expected = Array.from({ length: count }, (_, i) => `${bulk(String(i))}${OK}`).join("");
    expect((await client.until((text) => text.length >= expected.length)) === expected).toBe(true);
  });

  test("one command asks for a bounded number of keys at a time, and for all of them in the end", async () => {
    const face = await heldFace({ resp: { fanOutMax: 10 } });
    const client = await TestClient.connect(face.port);
    const keys = Array.from({ length: 35 }, (_, i) => `key-${i}`);
    client.send(request("MSET", ...keys.flatMap((key) => [key, `value of ${key}`])));
    await until(() => face.member.held === 10);
    await settle();
    expect(face.member.held).toBe(10);
    face.member.release(5);
    face.member.release(0);
    await until(() => face.member.asked.length === 12);
    face.member.answering = "later";
    while (face.member.held > 0) face.member.release();
    expect(await client.until((text) => text.length >= 5)).toBe(OK);
    const expected = `*35\r\n${keys.map((key) => bulk(`value of ${key}`)).join("")}`;
    expect(await client.ask(request("MGET", ...keys), expected)).toBe(expected);
    expect(await client.ask(request("EXISTS", ...keys), ":35\r\n")).toBe(":35\r\n");
    expect(await client.ask(request("DEL", ...keys), ":35\r\n")).toBe(":35\r\n");
  });

  test("a client that pipelines large reads gets them all", async () => {
    const face = await startFace();
    const value = "x".repeat(MIB);
    face.member.addSibling("large", value);
    face.member.answering = "later";
    const client = await TestClient.connect(face.port);
    const count = 100;
    client.send("GET large\r\n".repeat(count));
    const length = count * bulk(value).length;
    let received = 0;
    client.socket.removeAllListeners("data");
    client.socket.on("data", (chunk: Buffer) => (received += chunk.length));
    await until(() => received >= length || client.ended);
    expect([received, client.ended]).toEqual([length, false]);
    expect(face.events).toEqual([]);
  });

  test("several keys whose values are more than a connection holds are refused", async () => {
    const face = await startFace();
    face.member.addSibling("large", "x".repeat(MIB));
    const client = await TestClient.connect(face.port);
    const refused = `-TOOLARGE reply is ${17 * MIB} bytes, the limit is ${16 * MIB}; ask for fewer keys\r\n`;
    expect(await client.ask(request("MGET", ...new Array<string>(17).fill("large")), refused)).toBe(refused);
    expect(await client.ask(request("PING"), "+PONG\r\n")).toBe("+PONG\r\n");
  });

  test("a client that does not read is not read either, and nothing piles up", async () => {
    const face = await startFace();
    const client = await TestClient.connect(face.port);
    client.socket.pause();
    const ping = Buffer.from("PING\r\n".repeat(10_000));
    let sent = 0;
    // A million commands, and then some: until the way there is full as well.
    while (sent < 64 * MIB && client.socket.writableLength < 8 * MIB) {
      client.socket.write(ping);
      sent += ping.length;
      await nextTurn();
    }
    const { stats } = face.server;
    for (let before = -1; before !== stats.bytesIn; await settle()) before = stats.bytesIn;
    expect(stats.bytesIn).toBeLessThan(sent);
    const other = await TestClient.connect(face.port);
    expect(await other.ask(request("PING"), "+PONG\r\n")).toBe("+PONG\r\n");
    let received = 0;
    client.socket.removeAllListeners("data");
    client.socket.on("data", (chunk: Buffer) => (received += chunk.length));
    client.socket.resume();
    await until(() => received >= (sent / 6) * 7 || client.ended);
    expect([received, client.ended]).toEqual([(sent / 6) * 7, false]);
  });

  test("a connection whose replies pass the cap is closed, and the reason is told", async () => {
    const face = await startFace({
      limits: { valueBytesMax: 1000 },
      resp: { outputBytesMax: 4000, outputPauseBytes: 3000 },
    });
    for (let i = 0; i < 5; i++) face.member.addSibling("k", String(i).repeat(900));
    const client = await TestClient.connect(face.port);
    client.send("KV.GET k\r\n");
    await client.untilEnd();
    expect(face.events).toEqual([
      expect.stringMatching(
        /^client-closed: client does not read its replies: \d+ .* 4000 \(outputBytesMax\)$/,
      ),
    ]);
    expect(face.server.stats.connections).toBe(0);
  });

  test.each([
    [2, 0],
    [3, 0],
    [4, 1],
  ])("%d connections where 3 may be: %d refused", async (count, refused) => {
    const face = await startFace({ resp: { connectionsMax: 3 } });
    const clients: TestClient[] = [];
    for (let i = 0; i < count; i++) clients.push(await TestClient.connect(face.port));
    await until(() => face.server.stats.connectionsReceived === count);
    for (const client of clients.slice(0, 3)) {
      expect(await client.ask(request("PING"), "+PONG\r\n")).toBe("+PONG\r\n");
    }
    for (const client of clients.slice(3)) {
      client.send("PING\r\n".repeat(1000));
      expect(await client.untilEnd()).toBe("-ERR max number of clients reached\r\n");
    }
    expect(face.server.stats.connectionsRefused).toBe(refused);
    // A place that becomes free is given again.
    clients[0]?.socket.destroy();
    await until(() => face.server.stats.connections === Math.min(count, 3) - 1);
    const next = await TestClient.connect(face.port);
    expect(await next.ask(request("PING"), "+PONG\r\n")).toBe("+PONG\r\n");
  });
});

describe("coming and going", () => {
  test("a client that has closed its side gets all its answers", async () => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.socket.end("SET k 1\r\nGET k\r\nPING\r\n");
    await until(() => face.member.held === 1);
    await settle();
    face.member.answering = "later";
    face.member.release();
    expect(await client.untilEnd()).toBe(`${OK}${bulk("1")}+PONG\r\n`);
    await until(() => face.server.stats.connections === 0);
  });

  test("answers for a client that is gone are dropped, and its slots used again", async () => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.send("GET a\r\nPING\r\nMGET b c\r\nDBSIZE\r\nKV.EXPLAIN d\r\n");
    await until(() => face.member.held === 5);
    client.socket.resetAndDestroy();
    await until(() => face.server.stats.connections === 0);
    const other = await TestClient.connect(face.port);
    other.send("SET x 1\r\nGET y\r\n");
    await until(() => face.member.asked.includes("get y"));
    while (face.member.held > 0) face.member.release();
    expect(await other.until((text) => text.length >= 10)).toBe(`${OK}$-1\r\n`);
    expect(face.member.valueOf("x")).toBe("1");
  });

  test("the last reply arrives although more was sent after the error", async () => {
    const face = await startFace();
    const client = await TestClient.connect(face.port);
    client.send("*x\r\n");
    for (let i = 0; i < 20; i++) client.send("A".repeat(10_000));
    expect(await client.untilEnd()).toBe("-ERR Protocol error: invalid multibulk length\r\n");
    expect(client.failed).toBe(false);
  });

  /** Says QUIT, and does not close its side when the server does. */
  async function quitButStay(face: TestFace): Promise<Socket> {
    const socket = connect({ port: face.port, host: "127.0.0.1", allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    socket.on("error", () => undefined);
    socket.write("QUIT\r\n");
    socket.resume();
    await once(socket, "end");
    return socket;
  }

  test("whoever was told to go and goes on talking is cut off", async () => {
    const face = await startFace({ resp: { lingerBytesMax: 1000, lingerMs: 60_000 } });
    const socket = await quitButStay(face);
    socket.write("x".repeat(1000));
    await settle();
    expect(face.server.stats.connections).toBe(1);
    socket.write("x");
    await until(() => face.server.stats.connections === 0);
  });

  test("whoever was told to go and stays is cut off", async () => {
    const face = await startFace({ resp: { lingerMs: 50 } });
    const socket = await quitButStay(face);
    await until(() => face.server.stats.connections === 0);
    expect(socket.writable).toBe(true);
  });

  test("a face that closes answers what is under way, and takes nothing new", async () => {
    const face = await heldFace();
    const busy = await TestClient.connect(face.port);
    const idle = await TestClient.connect(face.port);
    busy.send("SET a 1\r\n");
    await until(() => face.member.held === 1 && face.server.stats.connections === 2);
    const closed = face.server.close(60_000);
    expect(await idle.untilEnd()).toBe("");
    busy.send("SET b 1\r\n");
    await settle();
    face.member.release();
    expect(await busy.untilEnd()).toBe(OK);
    await closed;
    expect(face.member.asked).toEqual(["put a"]);
  });

  test("a face that closes does not wait for ever", async () => {
    const face = await heldFace();
    const client = await TestClient.connect(face.port);
    client.send("GET a\r\n");
    await until(() => face.member.held === 1);
    await face.server.close(20);
    await client.untilEnd();
    face.member.release();
    expect(face.server.stats.connections).toBe(0);
  });

  test("of many clients that have to be closed, the log hears once a second", async () => {
    const face = await startFace();
    for (let i = 0; i < 5; i++) {
      const client = await TestClient.connect(face.port);
      client.send("POST / HTTP/1.1\r\n");
      await client.untilEnd();
    }
    await until(() => face.server.stats.connections === 0);
    expect(face.events).toHaveLength(1);
  });

  test("a port that is taken is an error", async () => {
    const face = await startFace();
    const { server } = makeFace();
    await expect(server.listen("127.0.0.1", face.port)).rejects.toThrow("EADDRINUSE");
  });
});

test("a member's clock, not the machine's, decides about expiry", async () => {
  const face = await startFace();
  const client = await TestClient.connect(face.port);
  expect(await client.ask("SET k v PX 10\r\n", OK)).toBe(OK);
  expect(face.member.puts[0]?.expiryMs).toBe(NOW_MS + 10);
});
