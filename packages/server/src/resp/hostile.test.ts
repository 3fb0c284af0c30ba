/**
 * Hostile clients over real sockets: each gets a clean error or a closed connection, nothing piles up, and another
 * client is served all the while.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { TestClient, bulk, request, startFace, type TestFace } from "./resp-server.fixture.ts";

const MIB = 1 << 20;

/** A client that is served all through a test: it asks again and again, and every answer must be right. */
class Neighbour {
  served = 0;
  /** The first answer that was wrong. */
  wrong: string | null = null;
  #stop = false;
  readonly #running: Promise<void>;

  constructor(client: TestClient) {
    this.#running = this.#run(client);
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.#running;
  }

  async #run(client: TestClient): Promise<void> {
    while ((!this.#stop || this.served === 0) && this.wrong === null) {
      const expected = `+OK\r\n${bulk(String(this.served))}`;
      const answer = await client.ask(`SET n ${this.served}\r\nGET n\r\n`, expected);
      if (answer !== expected) this.wrong = answer;
      this.served++;
      await nextTurn();
    }
  }
}

let face: TestFace;
let neighbour: Neighbour;

beforeEach(async () => {
  face = await startFace();
  neighbour = new Neighbour(await TestClient.connect(face.port));
});

async function expectNeighbourServed(): Promise<void> {
  await neighbour.stop();
  expect(neighbour.wrong).toBeNull();
  expect(neighbour.served).toBeGreaterThan(0);
}

test.each(HOSTILE_INPUTS)("$name", async ({ bytes, error }) => {
  const client = await TestClient.connect(face.port);
  client.send(bytes);
  if (error === null) {
    client.socket.end();
    await client.untilEnd();
    expect(client.failed).toBe(false);
  } else {
    const text = await client.untilEnd();
    expect(text.endsWith(`-ERR ${error.replaceAll(/[\r\n]/g, " ")}\r\n`)).toBe(true);
  }
  await expectNeighbourServed();
});

test.each(["\0", "*\0", "$\0"])("%j, then endless bytes without a line's end", async (start) => {
  const client = await TestClient.connect(face.port);
  client.send(start);
  const endless = "A".repeat(16 * 1024);
  while (!client.ended) {
    client.send(endless);
    await nextTurn();
  }
  expect(client.text).toMatch(/^-ERR Protocol error: /);
  await expectNeighbourServed();
});

describe("what has Redis close at once", () => {
  test.each([
    "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET n stolen\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\nSET n stolen\r\n",
  ])("%j", async (bytes) => {
    const client = await TestClient.connect(face.port);
    client.send(bytes);
    const text = await client.untilEnd();
    expect(text).not.toContain("+OK");
    expect(face.events.join()).toContain("client speaks HTTP");
    await expectNeighbourServed();
  });
});

test("one byte at a time", async () => {
  const client = await TestClient.connect(face.port);
  const value = "v".repeat(300);
  for (const byte of Buffer.concat([request("SET", "slow", value), request("GET", "slow")])) {
    client.send(Uint8Array.of(byte));
    await nextTurn();
  }
  const expected = `+OK\r\n${bulk(value)}`;
  expect(await client.until((text) => text.length >= expected.length)).toBe(expected);
  await expectNeighbourServed();
});

test("a spate of HELLO, AUTH and CLUSTER SLOTS", async () => {
  const client = await TestClient.connect(face.port);
  client.send(
    Buffer.concat(
      new Array<Buffer>(500).fill(Buffer.from("HELLO 3\r\nAUTH x\r\nCLUSTER SLOTS\r\nHELLO 2\r\n")),
    ),
  );
  client.send("PING\r\n");
  await client.until((text) => text.endsWith("+PONG\r\n"));
  expect(client.text.match(/-ERR AUTH/g)).toHaveLength(500);
  await expectNeighbourServed();
});

// What all this does to a member's memory is measured in a process of its own: hostile.process.test.ts.
describe("what is too large", () => {
  test("64 MiB of one argument are skipped and refused in the end", async () => {
    const client = await TestClient.connect(face.port);
    const chunk = Buffer.alloc(MIB, 0x61);
    client.send(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${64 * MIB}\r\n`);
    for (let i = 0; i < 64; i++) {
      client.send(chunk);
      while (client.socket.writableLength > 0) await nextTurn();
    }
    const refused = `-TOOLARGE value is ${64 * MIB} bytes, the limit is ${MIB} (valueBytesMax)\r\n`;
    expect(await client.ask("\r\nPING\r\n", `${refused}+PONG\r\n`)).toBe(`${refused}+PONG\r\n`);
    expect(face.member.valueOf("big")).toBeNull();
    await expectNeighbourServed();
  });

  test("a million arguments of nothing are refused, and the connection goes on", async () => {
    const client = await TestClient.connect(face.port);
    const emptyBulks = Buffer.from("$0\r\n\r\n".repeat(10_000));
    client.send("*1000001\r\n$4\r\nMGET\r\n");
    for (let i = 0; i < 100; i++) {
      client.send(emptyBulks);
      while (client.socket.writableLength > 0) await nextTurn();
    }
    const refused = "-TOOLARGE command takes more than 8388608 bytes in all, the limit (commandBytesMax)\r\n";
    client.send("PING\r\n");
    expect(await client.until((text) => text.endsWith("+PONG\r\n"))).toBe(`${refused}+PONG\r\n`);
    await expectNeighbourServed();
  });
});
