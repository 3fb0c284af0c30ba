/** A RESP face on a free port with a member in memory behind it, and a client that speaks bytes. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { EventFields, EventLevel, Limits } from "@kvorum/core";
import { hostStatus, type HostStatus } from "../observability/host-status.ts";
import type { RespLimits } from "./limits.ts";
import { MemoryMember } from "./memory-member.fixture.ts";
import { RespServer } from "./server.ts";

export interface TestFace {
  readonly member: MemoryMember;
  readonly server: RespServer;
  readonly port: number;
  /** What was told to the operator: `name: text`. */
  readonly events: string[];
}

/** One turn end per burst, as in a member. */
class TestTurn {
  flush: () => void = () => undefined;
  #armed = false;

  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.flush();
    });
  }
}

export function testHost(): HostStatus {
  const sized = { bytes: 1_000, totalBytes: 2_000 };
  return hostStatus({ release: "0.0.0-test", disk: sized, data: sized, loop: { stalls: 0 } });
}

interface FaceParts {
  readonly id?: number;
  readonly limits?: Partial<Limits>;
  readonly resp?: Partial<RespLimits>;
  readonly slowRequestMs?: number;
  readonly allowFlush?: boolean;
  readonly nowMs?: () => number;
}

/** A face that does not listen yet. */
export function makeFace(parts: FaceParts = {}): Omit<TestFace, "port"> {
  const member = new MemoryMember({ id: parts.id ?? 1, limits: parts.limits ?? {} });
  const events: string[] = [];
  const turn = new TestTurn();
  const server = new RespServer({
    member,
    turn,
    host: testHost,
    slowRequestMs: parts.slowRequestMs ?? 0,
    allowFlush: parts.allowFlush ?? false,
    limits: parts.resp ?? {},
    ...(parts.nowMs === undefined ? {} : { nowMs: parts.nowMs }),
    events: {
      event: (_level: EventLevel, name: string, text: string, _fields: EventFields) =>
        void events.push(`${name}: ${text}`),
      fatal: (code: string, text: string) => {
        throw new Error(`${code}: ${text}`);
      },
    },
  });
  turn.flush = () => server.flush();
  return { member, server, events };
}

export async function startFace(parts: FaceParts = {}): Promise<TestFace> {
  const face = makeFace(parts);
  const port = await face.server.listen("127.0.0.1", 0);
  onTestFinished(() => face.server.close(0));
  return { ...face, port };
}

/** Collects what the server says. */
export class TestClient {
  readonly socket: Socket;
  ended = false;
  /** The connection was reset or the like. */
  failed = false;
  #received: Buffer[] = [];
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#notify();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#notify();
    });
    socket.on("error", () => {
      this.failed = true;
      this.#notify();
    });
    socket.on("close", () => {
      this.ended = true;
      this.#notify();
    });
  }

  static async connect(port: number): Promise<TestClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    onTestFinished(() => void socket.destroy());
    return new TestClient(socket);
  }

  get text(): string {
    return this.bytes.toString("latin1");
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#received);
  }

  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
  }

  /** Waits until what was received satisfies `done`, or the connection has ended. */
  async until(done: (text: string) => boolean): Promise<string> {
    while (!done(this.text) && !this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.text;
  }

  /** Sends, and returns what came back: exactly as many characters as are expected, or all until the end. */
  async ask(data: string | Uint8Array, expected: string): Promise<string> {
    this.#received = [];
    this.send(data);
    return this.until((text) => text.length >= expected.length);
  }

  async untilEnd(): Promise<string> {
    return this.until(() => false);
  }

  #notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A request as clients send it. */
export function request(...args: (string | Uint8Array)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "string" ? Buffer.from(arg, "latin1") : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

/** A bulk reply. */
export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}
