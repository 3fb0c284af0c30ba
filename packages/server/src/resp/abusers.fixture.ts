/** Connections that do nothing, and others that do all the harm they can, as fast as one process can. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { request } from "./resp-server.fixture.ts";

const FEED_MS = 20;
const WAITING_MAX = 256 * 1024;

/** What is sent again and again, and whether the answers are read. A connection that was closed is made anew. */
const HARM: readonly (readonly [bytes: string, reads: boolean])[] = [
  ["PING\r\n".repeat(2_000), false],
  ["HELLO 3\r\nAUTH x y\r\nCLUSTER SLOTS\r\nHELLO 2\r\n".repeat(100), true],
  ["GET large\r\n".repeat(500), false],
  [`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n${"x".repeat(5_000)}*1\r\nbroken\r\n`.repeat(3), true],
  [request("MGET", ...new Array<string>(1_000).fill("k")).toString("latin1"), true],
  ["\0garbage without end ".repeat(500), true],
  [request("SET", "abuse", "v".repeat(1_000)).toString("latin1").repeat(100), true],
  ["*", true],
];

export class Abusers {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  static async start(port: number, counts: { idle: number; abusive: number }): Promise<Abusers> {
    const abusers = new Abusers(port);
    const preparing = await abusers.#dial();
    preparing.write(request("SET", "large", "x".repeat(1 << 20)));
    await once(preparing, "data");
    for (let i = 0; i < counts.idle; i++) await abusers.#dial();
    for (let i = 0; i < counts.abusive; i++) {
      const [bytes, reads] = HARM[i % HARM.length] ?? ["PING\r\n", true];
      abusers.#running.push(abusers.#abuse(Buffer.from(bytes, "latin1"), reads));
    }
    return abusers;
  }

  private constructor(port: number) {
    this.#port = port;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#running);
  }

  async #abuse(bytes: Buffer, reads: boolean): Promise<void> {
    while (!this.#isOver) {
      const socket = await this.#dial();
      if (reads) socket.resume();
      else socket.pause();
      while (!this.#isOver && !socket.destroyed && socket.writable) {
        if (socket.writableLength < WAITING_MAX) socket.write(bytes);
        await later(FEED_MS);
      }
      socket.destroy();
    }
  }

  async #dial(): Promise<Socket> {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    await Promise.race([once(socket, "connect"), once(socket, "close")]);
    return socket;
  }
}
