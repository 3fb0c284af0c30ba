/**
 * What hostile clients do to a member over its port. An act returns when it stands: what it does to the member's memory
 * is measured then, with its connections open.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as later } from "node:timers/promises";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { request } from "./resp-server.fixture.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Longer than this nobody waits for a hostile client to get rid of its bytes. */
const PUSH_MS_MAX = 4_000;

export class HostileClients {
  readonly #port: number;
  readonly #sockets: Socket[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** One more connection; it reads nothing unless told to. */
  async one(reads = false): Promise<Socket> {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => undefined);
    this.#sockets.push(socket);
    await once(socket, "connect");
    if (reads) socket.resume();
    else socket.pause();
    return socket;
  }

  async some(count: number, reads = false): Promise<Socket[]> {
    const sockets: Socket[] = [];
    for (let i = 0; i < count; i++) sockets.push(await this.one(reads));
    return sockets;
  }

  leave(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }
}

/** Sends the same again and again, as fast as it is taken, until it has been sent so often, or is not taken any more. */
async function push(socket: Socket, bytes: Buffer | string, times: number): Promise<void> {
  const untilMs = performance.now() + PUSH_MS_MAX;
  for (let i = 0; i < times && !socket.destroyed; i++) {
    socket.write(bytes);
    while (socket.writableLength > MIB && !socket.destroyed) {
      if (performance.now() > untilMs) return;
      await nextTurn();
    }
  }
}

async function taken(sockets: readonly Socket[]): Promise<void> {
  const untilMs = performance.now() + PUSH_MS_MAX;
  while (
    performance.now() < untilMs &&
    sockets.some(({ writableLength, destroyed }) => writableLength > 0 && !destroyed)
  )
    await nextTurn();
  await later(100);
}

export interface HostileAct {
  readonly name: string;
  readonly act: (clients: HostileClients) => Promise<void>;
}

function act(name: string, run: (clients: HostileClients) => Promise<void>): HostileAct {
  return { name, act: run };
}

/** The same on each of so many connections. */
function each(name: string, count: number, bytes: Buffer | string, times = 1): HostileAct {
  return act(name, async (clients) => {
    const sockets = await clients.some(count);
    await Promise.all(sockets.map((socket) => push(socket, bytes, times)));
    await taken(sockets);
  });
}

/** `count` of the same key, which holds 1 MiB. */
function largeReads(count: number): Buffer {
  return request("MGET", ...new Array<string>(count).fill("large"));
}

/** Done before the others, so that there is something to read. */
export const PREPARATIONS: readonly Buffer[] = [request("SET", "large", "x".repeat(MIB))];

export const HOSTILE_ACTS: readonly HostileAct[] = [
  act("every broken request, 20 times", async (clients) => {
    for (let round = 0; round < 20; round++) {
      for (const { bytes } of HOSTILE_INPUTS) (await clients.one(true)).end(Buffer.from(bytes, "latin1"));
      clients.leave();
    }
  }),
  ...["\0", "*\0", "$\0"].map((start) =>
    act(`${JSON.stringify(start)}, then 64 MiB without a line's end`, async (clients) => {
      const socket = await clients.one();
      socket.write(start);
      await push(socket, Buffer.alloc(64 * KIB, "A"), KIB);
    }),
  ),
  each("64 KiB without a line's end, 100 connections", 100, Buffer.alloc(64 * KIB - 1, "A")),
  each("a line of 32,000 words, 50 connections", 50, `${"a ".repeat(32_000)}\r\n`),
  each("lines of 1,000 words", 1, `${"a ".repeat(1_000)}\r\n`, 1_000),
  each("unbalanced quotes at the end of 60 KiB", 20, `"${"a\\x41 ".repeat(10_000)}\r\n`),
  act("64 MiB of one argument", async (clients) => {
    const socket = await clients.one();
    socket.write(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${64 * MIB}\r\n`);
    await push(socket, Buffer.alloc(MIB, "a"), 64);
    await taken([socket]);
  }),
  act("a million empty arguments", async (clients) => {
    const socket = await clients.one();
    socket.write("*1000001\r\n$4\r\nMGET\r\n");
    await push(socket, "$0\r\n\r\n".repeat(10_000), 100);
    await taken([socket]);
  }),
  each("claims of 512 MB, 100 connections", 100, "*2\r\n$4\r\nECHO\r\n$536870912\r\nx"),
  each(
    "claims of 512 MB, each after 64 KiB of PINGs",
    50,
    `${"PING\r\n".repeat(10_000)}*2\r\n$4\r\nECHO\r\n$536870912\r\nx`,
  ),
  each("nested arrays, 10,000 deep", 20, "*1\r\n".repeat(10_000)),
  each("a million PINGs, no reply read", 1, "PING\r\n".repeat(10_000), 100),
  act("PINGs one by one, no reply read", async (clients) => {
    const sockets = await clients.some(50);
    // The ways there and back must be full before anything waits in the member.
    await Promise.all(sockets.map((socket) => push(socket, "PING\r\n".repeat(10_000), 60)));
    for (let round = 0; round < 500; round++) {
      for (const socket of sockets) if (socket.writableLength < MIB) socket.write("PING\r\n");
      await nextTurn();
    }
  }),
  each(
    "HELLO, AUTH and CLUSTER SLOTS without end",
    10,
    "HELLO 3\r\nAUTH x y\r\nCLUSTER SLOTS\r\nHELLO 2\r\n".repeat(500),
    20,
  ),
  act("a byte a time, 200 connections", async (clients) => {
    const sockets = await clients.some(200, true);
    for (const byte of request("SET", "slow", "v".repeat(200))) {
      for (const socket of sockets) socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
  }),
  each(
    "half a request of 1 KiB, 1,000 connections",
    1_000,
    `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000\r\n${"x".repeat(KIB)}`,
  ),
  each(
    "half a request of 1 MiB, twice",
    2,
    `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048576\r\n${"x".repeat(MIB - 1)}`,
  ),
  each("a thousand reads of 1 MiB, none taken", 1, "GET large\r\n".repeat(1000)),
  each("one read of 60,000 keys", 1, request("MGET", ...new Array<string>(60_000).fill("k"))),
  each("reads of 4,096 keys", 1, request("MGET", ...new Array<string>(4_096).fill("k")), 20),
  each("one read of 256 MiB", 1, largeReads(256)),
  each(
    "the details of 60,000 commands",
    1,
    request("COMMAND", "INFO", ...new Array<string>(60_000).fill("command")),
  ),
  each(
    "the manual of 60,000 commands",
    1,
    request("COMMAND", "DOCS", ...new Array<string>(60_000).fill("client")),
  ),
  each(
    "60,000 patterns for CONFIG GET",
    1,
    request("CONFIG", "GET", ...new Array<string>(60_000).fill("*a*b*c")),
  ),
  each("60,000 sections of INFO", 1, request("INFO", ...Array.from({ length: 60_000 }, (_, i) => `s${i}`))),
  each("all of COMMAND, without end", 20, "COMMAND\r\nCOMMAND DOCS\r\n".repeat(500)),
  each(
    "the ring in JSON, without end",
    20,
    "KV.ADMIN RING\r\nKV.ADMIN STATUS\r\nINFO\r\nCLUSTER NODES\r\n".repeat(500),
  ),
  each(
    "writes and reads of long keys that differ in front",
    1,
    Buffer.concat(
      Array.from({ length: 500 }, (_, i) => [
        request("SET", `${i}`.padEnd(4096, "k"), "v"),
        request("GET", `x${i}`.padEnd(4096, "k")),
      ]).flat(),
    ),
  ),
  each("HTTP, 200 connections", 200, "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET n stolen\r\n"),
  act("3,000 connections that come and go", async (clients) => {
    for (let round = 0; round < 30; round++) {
      for (const socket of await clients.some(100)) socket.write("PING\r\nSET k v\r\n*2\r\n$3\r\nGE");
      clients.leave();
    }
  }),
];
