/** Conversations in bytes, over a socket of their own: requests as they are given, replies as they come. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { patiently } from "./patience.fixture.ts";

const CRLF = "\r\n";

/** Where the reply that begins at `from` ends; -1 while it is not all there. Text is latin1, a byte a character. */
function replyEnd(text: string, from: number): number {
  const lineEnd = text.indexOf(CRLF, from);
  if (lineEnd < 0) return -1;
  const type = text.charAt(from);
  const count = Number(text.slice(from + 1, lineEnd));
  const next = lineEnd + CRLF.length;
  if ("$=!".includes(type)) {
    const end = count < 0 ? next : next + count + CRLF.length;
    return end <= text.length ? end : -1;
  }
  if (!"*~>%".includes(type)) return next;
  let end = next;
  for (let left = type === "%" ? 2 * count : count; left > 0 && end >= 0; left--) end = replyEnd(text, end);
  return end;
}

/** A request as clients send it; each character is a byte. */
export function request(words: readonly string[]): string {
  const bulks = words.map((word) => `$${word.length}${CRLF}${word}${CRLF}`);
  return `*${words.length}${CRLF}${bulks.join("")}`;
}

export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  #ended = false;
  #notify: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#notify();
    });
    const end = (): void => {
      this.#ended = true;
      this.#notify();
    };
    socket.on("close", end);
    socket.on("error", end);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  /** Sends, and resolves to so many replies; to what came, when the other side closes first. */
  async ask(data: string, replies = 1): Promise<string> {
    this.#socket.write(Buffer.from(data, "latin1"));
    let end = this.#endOf(replies);
    while (end < 0 && !this.#ended) {
      await patiently(new Promise<void>((resolve) => (this.#notify = resolve)), 20_000);
      end = this.#endOf(replies);
    }
    const text = end < 0 ? this.#received : this.#received.slice(0, end);
    this.#received = this.#received.slice(text.length);
    return text;
  }

  close(): void {
    this.#socket.destroy();
  }

  #endOf(replies: number): number {
    let end = 0;
    for (let i = 0; i < replies && end >= 0; i++) end = replyEnd(this.#received, end);
    return end;
  }
}

export type Reply = string | number | boolean | null | Reply[] | { [name: string]: Reply };

function texted(reply: Reply): string {
  if (typeof reply !== "string") throw new Error("a name is a text");
  return reply;
}

/** One whole reply as what JSON has; maps with texts as names. Errors and types that are not here throw. */
export function readReply(text: string): Reply {
  let at = 0;
  const read = (): Reply => {
    const lineEnd = text.indexOf(CRLF, at);
    const [type, line] = [text.charAt(at), text.slice(at + 1, lineEnd)];
    at = lineEnd + CRLF.length;
    switch (type) {
      case "+":
        return line;
      case ":":
        return Number(line);
      case "#":
        return line === "t";
      case "_":
        return null;
      case "$":
        at += Number(line) + CRLF.length;
        return text.slice(at - Number(line) - CRLF.length, at - CRLF.length);
      case "*":
      case "~":
        return Array.from({ length: Number(line) }, read);
      case "%":
        return Object.fromEntries(Array.from({ length: Number(line) }, () => [texted(read()), read()]));
      default:
        throw new Error(`cannot be read: ${text.slice(0, 200)}`);
    }
  };
  return read();
}
