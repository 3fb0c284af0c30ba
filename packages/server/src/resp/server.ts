/**
 * The RESP face of one member: listens, holds the connections, and at the end of each turn lets those go on that
 * waited and sends what has been written, one write per connection.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { assert, type Events, type MemberApi } from "@kvorum/core";
import type { HostStatus } from "../observability/host-status.ts";
import { Rarely } from "../observability/rarely.ts";
import { BlockPool } from "./block-pool.ts";
import { ClusterView, defaultNamespace } from "./cluster-view.ts";
import { CommandMeter } from "./command-meter.ts";
import { COMMANDS } from "./commands/table.ts";
import { Connection } from "./connection.ts";
import { respLimits, type RespLimits } from "./limits.ts";
import { SlotPool } from "./reply-slot.ts";
import { ReplyWriter } from "./reply-writer.ts";
import type { Face, FaceStats, Flushable, Resumable, Session } from "./session.ts";

export interface RespServerOptions {
  readonly member: MemberApi;
  /** Sees to it that the turn ends soon: the member's `onTurnEnd`, then this server's `flush`. */
  readonly turn: { arm(): void };
  readonly events: Events;
  /** The process and the machine, for people and tools. */
  readonly host: () => HostStatus;
  /** A command that takes at least so long is told to the operator; 0: none is. */
  readonly slowRequestMs: number;
  readonly limits?: Partial<RespLimits>;
}

const TOO_MANY = "-ERR max number of clients reached\r\n";
const KEEP_ALIVE_MS = 300_000;
const CLOSE_GRACE_MS = 300;

export class RespServer implements Face {
  readonly member: MemberApi;
  readonly limits: RespLimits;
  readonly commands = COMMANDS;
  readonly cluster: ClusterView;
  readonly events: Events;
  readonly release: string;
  readonly host: () => HostStatus;
  readonly writer = new ReplyWriter();
  readonly slots = new SlotPool();
  readonly blocks = new BlockPool();
  readonly stats: FaceStats = {
    connections: 0,
    connectionsReceived: 0,
    connectionsRefused: 0,
    commands: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  readonly meter: CommandMeter;
  startedMs = Date.now();
  port = 0;
  readonly #turn: { arm(): void };
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #nextId = 1;
  /** A client that is closed again and again fills no log. */
  readonly #rarely = new Rarely();
  #dirty: Flushable[] = [];
  #waiting: Resumable[] = [];

  constructor(options: RespServerOptions) {
    this.member = options.member;
    this.limits = respLimits(options.member.limits, options.limits);
    this.cluster = new ClusterView(options.member);
    this.events = options.events;
    this.host = options.host;
    this.release = options.host().release;
    this.meter = new CommandMeter(COMMANDS, options.events, options.slowRequestMs);
    this.#turn = options.turn;
    // A client that has sent its last command may close its side and still read the answers.
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      (socket) => this.#onSocket(socket),
    );
  }

  /** Resolves to the port: the one asked for, or for 0 the one that was free. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.events.event("error", "resp-listener", error.message, {}));
        this.startedMs = Date.now();
        this.port = portOf(this.#server);
        resolve(this.port);
      });
    });
  }

  /** Stops listening; what is under way is answered, then every connection ends, at the latest after `graceMs`. */
  close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    for (const connection of this.#connections) connection.closeAfterReplies();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, graceMs);
    return new Promise((resolve) => {
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The end of a turn. */
  flush(): void {
    this.meter.onTurnEnd();
    const waiting = this.#waiting;
    if (waiting.length > 0) {
      this.#waiting = [];
      for (const each of waiting) each.resume();
      // What they asked of the member begins in the next turn.
      this.#turn.arm();
      this.meter.clock.forget();
    }
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    this.#dirty = [];
    for (const each of dirty) each.flush();
  }

  sessions(): Iterable<Session> {
    return this.#connections;
  }

  arm(): void {
    this.#turn.arm();
  }

  later(waiting: Resumable): void {
    this.#waiting.push(waiting);
    this.#turn.arm();
  }

  dirty(connection: Flushable): void {
    this.#dirty.push(connection);
    this.#turn.arm();
  }

  /** Tells the operator that a client was closed, and why; of many in a second, the first and how many more. */
  closing(reason: string, address: string): void {
    const others = this.#rarely.admit(performance.now());
    if (others !== null) this.events.event("warn", "client-closed", reason, { address, others });
  }

  #onSocket(socket: Socket): void {
    this.stats.connectionsReceived++;
    if (this.#connections.size >= this.limits.connectionsMax) {
      this.stats.connectionsRefused++;
      this.#turnAway(socket);
      return;
    }
    const namespace = defaultNamespace(this.member.topology).id;
    const connection = new Connection(this, socket, this.#nextId++, namespace, (gone) => this.#onGone(gone));
    this.#connections.add(connection);
    this.stats.connections++;
  }

  /** Reads a little of what it sends: closing on unread bytes would take the words from the client. */
  #turnAway(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.limits.lingerMs).unref();
    socket.on("error", () => undefined);
    socket.once("close", () => clearTimeout(timer));
    socket.resume();
    socket.end(TOO_MANY);
  }

  #onGone(connection: Connection): void {
    if (this.#connections.delete(connection)) this.stats.connections--;
  }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  assert(address !== null && typeof address === "object", "a listening server has an address");
  return address.port;
}
