/** What is written to one socket during a turn, in a pooled buffer; at the end of the turn it goes out in one write. */
import type { Socket } from "node:net";
import type { SendBuffer, SendPool, SendUser } from "@kvorum/server/parts";

export class Outbox implements SendUser {
  bytes: Buffer = Buffer.alloc(0);
  end = 0;
  readonly #socket: Socket;
  readonly #pool: SendPool;
  #buffer: SendBuffer | null = null;

  constructor(socket: Socket, pool: SendPool) {
    this.#socket = socket;
    this.#pool = pool;
  }

  /** Makes room for so many bytes more at `end`. */
  ensure(count: number): void {
    const needed = this.end + count;
    if (needed <= this.bytes.length) return;
    const grown = this.#pool.take(Math.max(needed, 2 * this.bytes.length));
    grown.bytes.set(this.bytes.subarray(0, this.end));
    if (this.#buffer !== null) this.#pool.give(this.#buffer);
    this.#buffer = grown;
    this.bytes = Buffer.from(grown.bytes.buffer);
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  flush(): void {
    const buffer = this.#buffer;
    if (buffer === null || this.end === 0) return;
    if (this.#socket.writable) buffer.send(this.#socket, this.end, this);
    else this.#pool.give(buffer);
    this.#buffer = null;
    this.bytes = Buffer.alloc(0);
    this.end = 0;
  }

  onSent(): void {
    // Clients and peers of the skeleton take what they are sent.
  }
}
