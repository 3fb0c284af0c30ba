/**
 * A connection that behaves as that of a careful client: it counts as up once it has answered a PING; a request that is
 * not answered in time ends the connection, and with it all that waits on it; it comes back after a moment.
 */
import { connect, type Socket } from "node:net";
import type { Call, Channel } from "./driver.ts";
import { keyName } from "./key-chooser.ts";
import { ReplyReader } from "./reply-reader.ts";

const DIAL_AGAIN_MS = 200;
const PING = "*1\r\n$4\r\nPING\r\n";

export interface ChannelOptions {
  readonly port: number;
  readonly value: string;
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  /** Called after replies have been handed over. */
  readonly onInput: () => void;
}

interface Waiting {
  readonly call: Call;
  readonly sentMs: number;
}

export class RespChannel implements Channel {
  readonly #options: ChannelOptions;
  /** In the order of the requests; those before `first` are answered. */
  #waiting: Waiting[] = [];
  #first = 0;
  #socket: Socket | null = null;
  #out = "";
  #isUp = false;
  #isClosed = false;
  #pingedMs = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#dial();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  send(call: Call, nowMs: number): void {
    this.#waiting.push({ call, sentMs: nowMs });
    if (!this.#isUp) {
      // Answered like everything else: not within the call.
      setImmediate(() => this.#failAll("DISCONNECTED"));
      return;
    }
    const key = keyName(call.key);
    const { value } = this.#options;
    this.#out +=
      call.kind === "write"
        ? `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`
        : `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
  }

  /** Sends what was asked for since the last time, and gives up on what takes too long. */
  flush(nowMs: number): void {
    if (this.#out !== "") {
      this.#socket?.write(this.#out, "latin1");
      this.#out = "";
    }
    const oldest = this.#isUp ? this.#waiting[this.#first]?.sentMs : this.#pingedMs;
    if (oldest !== undefined && oldest > 0 && nowMs - oldest > this.#options.timeoutMs) this.#lose("TIMEOUT");
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #dial(): void {
    if (this.#isClosed) return;
    const { port, nowMs, onInput } = this.#options;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    this.#pingedMs = nowMs();
    const reader = new ReplyReader((error) => this.#onReply(error));
    socket.on("connect", () => socket.write(PING));
    socket.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      onInput();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      if (this.#socket !== socket) return;
      this.#lose("DISCONNECTED");
    });
  }

  #onReply(error: string | null): void {
    if (!this.#isUp) {
      this.#isUp = true;
      this.#pingedMs = 0;
      return;
    }
    const waiting = this.#waiting[this.#first++];
    if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#first = 0;
    }
    waiting?.call.user.onEnd(waiting.call, error, this.#options.nowMs());
  }

  #lose(code: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isUp = false;
    this.#pingedMs = 0;
    this.#out = "";
    socket?.destroy();
    this.#failAll(code);
    if (!this.#isClosed) setTimeout(() => this.#dial(), DIAL_AGAIN_MS);
  }

  #failAll(code: string): void {
    const lost = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    const nowMs = this.#options.nowMs();
    for (const { call } of lost) call.user.onEnd(call, code, nowMs);
  }
}
