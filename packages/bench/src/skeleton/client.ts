/** One client of a skeleton: commands in, replies out in the order of the commands. */
import type { Socket } from "node:net";
import type { SendPool } from "@kvorum/server/parts";
import { CommandParser } from "./command-parser.ts";
import { Outbox } from "./outbox.ts";

/** A place in the order of replies; used again when its reply has gone out. */
export class Reply {
  readonly client: Client;
  /** What goes out before the value: a whole reply where there is no value. */
  head: Buffer | null = null;
  value: Uint8Array | null = null;

  constructor(client: Client) {
    this.client = client;
  }

  /** At most once; the client must be flushed at the end of the turn. */
  answer(head: Buffer, value: Uint8Array | null): void {
    this.head = head;
    this.value = value;
    this.client.touch();
  }
}

export interface ClientHost {
  /** The arguments are lent until return; each of them stays valid. */
  onCommand(args: readonly Buffer[], reply: Reply): void;
  /** Something is to be sent at the end of the turn. */
  onTouched(client: Client): void;
}

const NEWLINE = Buffer.from("\r\n");

export class Client {
  readonly #host: ClientHost;
  readonly #parser = new CommandParser();
  readonly #out: Outbox;
  readonly #waiting: Reply[] = [];
  /** Where the oldest that waits stands; the places before it are empty. */
  #first = 0;
  readonly #spare: Reply[] = [];
  #isTouched = false;

  constructor(host: ClientHost, socket: Socket, pool: SendPool) {
    this.#host = host;
    this.#out = new Outbox(socket, pool);
  }

  onBytes(chunk: Buffer): void {
    this.#parser.push(chunk);
    while (this.#parser.next()) {
      const reply = this.#spare.pop() ?? new Reply(this);
      this.#waiting.push(reply);
      this.#host.onCommand(this.#parser.args, reply);
    }
  }

  touch(): void {
    if (this.#isTouched) return;
    this.#isTouched = true;
    this.#host.onTouched(this);
  }

  /** Sends the replies that are next in order. */
  flush(): void {
    this.#isTouched = false;
    for (;;) {
      const reply = this.#waiting[this.#first];
      if (reply === undefined || reply.head === null) break;
      this.#first++;
      const { head, value } = reply;
      this.#out.ensure(head.length + (value === null ? 0 : value.length + NEWLINE.length));
      this.#out.put(head);
      if (value !== null) {
        this.#out.put(value);
        this.#out.put(NEWLINE);
      }
      reply.head = null;
      reply.value = null;
      this.#spare.push(reply);
    }
    if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#first = 0;
    } else if (this.#first > 1024) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    this.#out.flush();
  }
}
