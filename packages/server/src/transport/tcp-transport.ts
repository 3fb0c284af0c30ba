/**
 * The Transport port over TCP. It dials and accepts, moves bytes, and bounds what waits; what the bytes say and when
 * a link ends is core's affair. Nothing here is believed about who is at the other end.
 */
import { type Server, type Socket, connect, createServer } from "node:net";
import {
  type Address,
  DEFAULT_LIMITS,
  type Lane,
  type LinkId,
  type LinkInputs,
  type LinkWriter,
  type MemberId,
  type Transport,
} from "@kvorum/core";
import { SendPool } from "./send-pool.ts";
import { TcpLink } from "./tcp-link.ts";
import type { Turn } from "./turn.ts";

export interface TcpLimits {
  /** A link that holds more than this takes no more until its socket has. */
  readonly unsentBytesMax: number;
  /** Accepted connections that core has not answered yet; one more closes the oldest. */
  readonly strangersMax: number;
  readonly dialMsMax: number;
  /** How long a link that core has closed may take to send the rest. */
  readonly closeMsMax: number;
  /** A socket that takes nothing of what waits for this long is closed. */
  readonly stuckMsMax: number;
}

const TCP_LIMITS: TcpLimits = {
  unsentBytesMax: DEFAULT_LIMITS.peerUnsentBytesMax,
  strangersMax: 64,
  dialMsMax: DEFAULT_LIMITS.handshakeMsMax,
  closeMsMax: 2_000,
  stuckMsMax: 30_000,
};

const READ_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 10_000;
const SWEEP_MS = 1_000;

export interface TcpTransportParts {
  readonly turn: Turn;
  /** Where to call each member: as the topology says. */
  readonly addresses: ReadonlyMap<MemberId, Address>;
  /** Where to call some of them instead, by local configuration: a proxy can be put between. */
  readonly overrides: ReadonlyMap<MemberId, Address>;
  readonly limits?: Partial<TcpLimits>;
}

export class TcpTransport implements Transport {
  readonly #parts: TcpTransportParts;
  readonly #limits: TcpLimits;
  readonly #links = new Map<LinkId, TcpLink>();
  /** In order of their arrival. */
  readonly #strangers = new Set<TcpLink>();
  readonly #dialling = new Map<Socket, MemberId>();
  readonly #overrides: Map<MemberId, Address>;
  /** Peers whose links end with this turn, because they are called another way from now on. */
  readonly #rerouted = new Set<MemberId>();
  readonly #pool = new SendPool();
  readonly #dirty: TcpLink[] = [];
  /** One for all dialled links: what is read is consumed before anything else is read. */
  readonly #readBuffer = new Uint8Array(READ_BYTES);
  readonly #server: Server;
  readonly #sweeper: NodeJS.Timeout;
  #inputs: LinkInputs | null = null;
  #lastId = 0;
  #stopped = false;

  constructor(parts: TcpTransportParts) {
    this.#parts = parts;
    this.#limits = { ...TCP_LIMITS, ...parts.limits };
    this.#overrides = new Map(parts.overrides);
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    this.#server = createServer(options, (socket) => this.#accept(socket));
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Who is told of links; before `listen` and before the first dial. */
  attach(inputs: LinkInputs): void {
    this.#inputs = inputs;
  }

  /** Resolves to the address that is listened at, or rejects (in use, not allowed). */
  listen(address: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: address.host, port: address.port }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#parts.turn.fail(error));
        const bound = this.#server.address();
        const port = bound !== null && typeof bound === "object" ? bound.port : address.port;
        resolve({ host: address.host, port });
      });
    });
  }

  /** Closes everything; what was flushed may still go out for a moment. Core is told of nothing any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweeper);
    for (const socket of this.#dialling.keys()) socket.destroy();
    for (const link of this.#links.values()) {
      // A turn may be under way, with a frame that is not finished; nobody could read it.
      link.discard();
      this.#end(link);
      // Nobody may be left behind to hold up the process.
      link.socket.unref();
    }
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  dial(peer: MemberId, lane: Lane): void {
    const address = this.#overrides.get(peer) ?? this.#parts.addresses.get(peer);
    if (address === undefined) {
      setImmediate(() => this.#dialFailed(peer, lane, `no address is known for member ${peer}`));
      return;
    }
    this.#connect(peer, lane, address);
  }

  /** From now on the peer is called there. Links to it end with this turn, and core calls again. */
  callAt(peer: MemberId, address: Address): void {
    this.#overrides.set(peer, address);
    this.#rerouted.add(peer);
    this.#parts.turn.arm();
  }

  writer(id: LinkId): LinkWriter | null {
    const link = this.#links.get(id);
    if (link === undefined || link.closing || link.unsent > this.#limits.unsentBytesMax) return null;
    if (link.stranger) {
      // Core answers nobody who has not said who it is.
      link.stranger = false;
      this.#strangers.delete(link);
    }
    if (!link.dirty) {
      link.dirty = true;
      this.#dirty.push(link);
      this.#parts.turn.arm();
    }
    return link;
  }

  close(id: LinkId): void {
    const link = this.#links.get(id);
    if (link === undefined || link.closing) return;
    link.flush(performance.now());
    this.#end(link);
  }

  /** At the end of a turn, after the member's own: one write for each socket that was written to. */
  flush(): void {
    const dirty = this.#dirty;
    if (dirty.length > 0) {
      const nowMs = performance.now();
      for (const link of dirty) {
        link.dirty = false;
        link.flush(nowMs);
      }
      dirty.length = 0;
    }
    if (this.#rerouted.size > 0) this.#endRerouted();
  }

  #endRerouted(): void {
    for (const link of this.#links.values())
      if (this.#rerouted.has(link.peer) && !link.closing) this.#end(link, "called another way");
    for (const [socket, peer] of this.#dialling) if (this.#rerouted.has(peer)) socket.destroy();
    this.#rerouted.clear();
  }

  #end(link: TcpLink, reason = "closed here"): void {
    link.closing = true;
    link.reason = reason;
    link.socket.end();
    const timer = setTimeout(() => link.socket.destroy(), this.#limits.closeMsMax).unref();
    link.socket.once("close", () => clearTimeout(timer));
  }

  #connect(peer: MemberId, lane: Lane, { host, port }: Address): void {
    const { dialMsMax } = this.#limits;
    const buffer = this.#readBuffer;
    let link: TcpLink | null = null;
    const callback = (count: number): boolean => {
      if (link !== null) this.#received(link, new Uint8Array(buffer.buffer, 0, count));
      return true;
    };
    const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const socket = connect({ ...options, onread: { buffer, callback } });
    this.#dialling.set(socket, peer);
    let reason = "closed before it was up";
    const timer = setTimeout(() => {
      reason = `no connection to ${host}:${port} within ${dialMsMax} ms`;
      socket.destroy();
    }, dialMsMax);
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.once("close", () => {
      clearTimeout(timer);
      this.#dialling.delete(socket);
      if (link === null) this.#dialFailed(peer, lane, reason);
    });
    socket.once("connect", () => {
      if (socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress) {
        // Where nobody listens, the kernel may choose that very port for our end, and TCP connects it to itself.
        reason = `nobody listens at ${host}:${port}`;
        socket.destroy();
        return;
      }
      clearTimeout(timer);
      this.#dialling.delete(socket);
      link = this.#add(socket, peer, lane);
    });
  }

  #accept(socket: Socket): void {
    if (this.#stopped) {
      socket.destroy();
      return;
    }
    for (const oldest of this.#strangers) {
      if (this.#strangers.size < this.#limits.strangersMax) break;
      this.#strangers.delete(oldest);
      oldest.reason = "too many connections that have not said who they are";
      oldest.socket.destroy();
    }
    const link = this.#add(socket, 0, null);
    socket.on("data", (chunk: Buffer) => {
      this.#received(link, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    });
  }

  #add(socket: Socket, peer: MemberId, lane: Lane | null): TcpLink {
    const link = new TcpLink(++this.#lastId, peer, socket, this.#pool);
    this.#links.set(link.id, link);
    if (link.stranger) this.#strangers.add(link);
    socket.on("error", (error) => {
      link.reason = error.message;
    });
    socket.once("close", () => {
      this.#links.delete(link.id);
      this.#strangers.delete(link);
      link.closing = true;
      this.#input((inputs) => inputs.onLinkDown(link.id, link.reason));
    });
    this.#input((inputs) => inputs.onLinkUp(link.id, peer, lane));
    return link;
  }

  #received(link: TcpLink, chunk: Uint8Array): void {
    const inputs = this.#inputs;
    if (link.closing || this.#stopped || inputs === null) return;
    try {
      inputs.onLinkBytes(link.id, chunk);
    } catch (error) {
      this.#parts.turn.fail(error);
    }
    this.#parts.turn.arm();
  }

  #dialFailed(peer: MemberId, lane: Lane, reason: string): void {
    this.#input((inputs) => inputs.onDialFailed(peer, lane, reason));
  }

  /** For what is rare enough for a closure. */
  #input(call: (inputs: LinkInputs) => void): void {
    const inputs = this.#inputs;
    if (inputs === null || this.#stopped) return;
    try {
      call(inputs);
    } catch (error) {
      this.#parts.turn.fail(error);
    }
    this.#parts.turn.arm();
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const link of this.#links.values()) {
      if (link.stuckMs(nowMs) < this.#limits.stuckMsMax) continue;
      link.reason = `it has taken nothing for ${this.#limits.stuckMsMax} ms`;
      link.socket.destroy();
    }
  }
}
