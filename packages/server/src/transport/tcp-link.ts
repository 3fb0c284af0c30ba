/** One TCP connection: collects what core writes during a turn, and sends it in one piece. */
import type { Socket } from "node:net";
import type { LinkId, LinkWriter, MemberId } from "@kvorum/core";
import type { SendBuffer, SendPool, SendUser } from "./send-pool.ts";

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

export class TcpLink implements LinkWriter, SendUser {
  readonly id: LinkId;
  /** Whom it was dialled to; 0 when it was accepted. */
  readonly peer: MemberId;
  readonly socket: Socket;
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  view: DataView<ArrayBuffer> = NO_VIEW;
  end = 0;
  /** Whether it is in the list of links to flush. */
  dirty = false;
  /** Core has closed it: what is written still goes out, and nothing comes in. */
  closing = false;
  /** Accepted, and core has not answered it yet. */
  stranger: boolean;
  /** Why it is down, once it is. */
  reason = "closed by the other side";
  readonly #pool: SendPool;
  #buffer: SendBuffer | null = null;
  #unsent = 0;
  /** When bytes began to wait, or the socket took some last, by `performance.now()`. */
  #progressMs = 0;

  constructor(id: LinkId, peer: MemberId, socket: Socket, pool: SendPool) {
    this.id = id;
    this.peer = peer;
    this.socket = socket;
    this.stranger = peer === 0;
    this.#pool = pool;
  }

  /** What is written and what the socket has not taken yet. */
  get unsent(): number {
    return this.end + this.#unsent;
  }

  /** For how long the socket has taken nothing of what waits; 0 when nothing does. */
  stuckMs(nowMs: number): number {
    return this.#unsent === 0 ? 0 : nowMs - this.#progressMs;
  }

  ensure(count: number): void {
    const needed = this.end + count;
    if (needed <= this.bytes.length) return;
    const grown = this.#pool.take(Math.max(needed, 2 * this.bytes.length));
    const old = this.#buffer;
    if (old !== null) {
      grown.bytes.set(old.bytes.subarray(0, this.end));
      this.#pool.give(old);
    }
    this.#buffer = grown;
    this.bytes = grown.bytes;
    this.view = grown.view;
  }

  /** Sends what is written since the last time, if the socket still takes anything. */
  flush(nowMs: number): void {
    const count = this.end;
    if (count === 0 || !this.socket.writable) {
      this.discard();
      return;
    }
    const buffer = this.#release();
    if (buffer === null) return;
    if (this.#unsent === 0) this.#progressMs = nowMs;
    this.#unsent += count;
    buffer.send(this.socket, count, this);
  }

  /** Forgets what is written since the last flush. */
  discard(): void {
    const buffer = this.#release();
    if (buffer !== null) this.#pool.give(buffer);
  }

  onSent(count: number): void {
    this.#unsent -= count;
    this.#progressMs = performance.now();
  }

  #release(): SendBuffer | null {
    const buffer = this.#buffer;
    this.#buffer = null;
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
    this.end = 0;
    return buffer;
  }
}
