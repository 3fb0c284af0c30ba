/**
 * The RESP face of one member: listens, holds the connections, and at the end of each turn lets those go on that
 * waited and sends what has been written, one write per connection.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { assert, type Events, type MemberApi } from "@kvorum/core";
import type { HostStatus } from "../observability/host-status.ts";
import { BlockPool } from "./block-pool.ts";
import { Budget, type Budgets } from "./budget.ts";
import { Closings, type CloseReason } from "./closings.ts";
import { ClusterView, defaultNamespace } from "./cluster-view.ts";
import { CommandMeter } from "./command-meter.ts";
import { COMMANDS } from "./commands/table.ts";
import { Connection } from "./connection.ts";
import { Crowd } from "./crowd.ts";
import { destroyAfter } from "./destroy-after.ts";
import { respLimits, type RespLimits } from "./limits.ts";
import { SlotPool } from "./reply-slot.ts";
import { ReadQueue } from "./read-queue.ts";
import { ReplyWriter } from "./reply-writer.ts";
import type { Face, FaceStats, Flushable, Resumable, Session, WalkQueues } from "./session.ts";
import { SharedCounts } from "./shared-counts.ts";
import { Statistics } from "./statistics.ts";
import { TurnShares } from "./turn-shares.ts";
import { WalkQueue } from "./walk-queue.ts";

export interface RespServerOptions {
  readonly member: MemberApi;
  /** Sees to it that the turn ends soon: the member's `onTurnEnd`, then this server's `flush`. */
  readonly turn: { arm(): void };
  readonly events: Events;
  /** The process and the machine, for people and tools. */
  readonly host: () => HostStatus;
  /** A command that takes at least so long is told to the operator; 0: none is. */
  readonly slowRequestMs: number;
  /** Whether FLUSHALL and FLUSHDB delete every key. */
  readonly allowFlush: boolean;
  readonly limits?: Partial<RespLimits>;
  /** Monotonic; for tests. */
  readonly nowMs?: () => number;
}

const TOO_MANY = "-ERR max number of clients reached\r\n";
const KEEP_ALIVE_MS = 300_000;
const CLOSE_GRACE_MS = 300;
/** Who has taken nothing of what he was sent for so long is closed before others when all leave too much. */
const DEAF_MS = 1_000;
/** How late a limit of time may be noticed. */
const SWEEP_MS = 500;

export class RespServer implements Face {
  readonly member: MemberApi;
  readonly limits: RespLimits;
  readonly commands = COMMANDS;
  readonly cluster: ClusterView;
  readonly events: Events;
  readonly release: string;
  readonly host: () => HostStatus;
  readonly allowFlush: boolean;
  readonly writer = new ReplyWriter();
  readonly slots = new SlotPool();
  readonly blocks = new BlockPool();
  readonly budgets: Budgets;
  readonly shares: TurnShares;
  readonly crowd: Crowd;
  readonly walks: WalkQueues;
  readonly counts: SharedCounts;
  readonly reads: ReadQueue;
  readonly nowMs: () => number;
  readonly stats: FaceStats = {
    connections: 0,
    connectionsReceived: 0,
    connectionsRefused: 0,
    connectionsClosed: 0,
    commandsShed: 0,
    commands: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  readonly meter: CommandMeter;
  readonly statistics: Statistics;
  readonly closings: Closings;
  startedMs = Date.now();
  port = 0;
  readonly #turn: { arm(): void };
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #nextId = 1;
  #turnedAway = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #dirty: Flushable[] = [];
  #waiting: Resumable[] = [];

  constructor(options: RespServerOptions) {
    this.member = options.member;
    this.limits = respLimits(options.member.limits, options.limits);
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.crowd = new Crowd(this.limits);
    this.shares = new TurnShares(this.limits, this.nowMs);
    const { unfinishedTotalBytesMax, inFlightTotalBytesMax, outputTotalBytesMax } = this.limits;
    this.budgets = {
      unfinished: new Budget(unfinishedTotalBytesMax),
      inFlight: new Budget(inFlightTotalBytesMax),
      output: new Budget(outputTotalBytesMax),
      reading: new Budget(outputTotalBytesMax / 2),
    };
    const { reading, output } = this.budgets;
    this.reads = new ReadQueue(reading, output, options.member.limits.valueBytesMax, this.nowMs);
    const { walkPagesMax, walkListsMax, walkCountsMax } = this.limits;
    this.walks = {
      pages: new WalkQueue(this, walkPagesMax),
      lists: new WalkQueue(this, walkListsMax),
      counts: new WalkQueue(this, walkCountsMax),
    };
    this.counts = new SharedCounts(this, this.walks.counts);
    this.cluster = new ClusterView(options.member);
    this.events = options.events;
    this.host = options.host;
    this.allowFlush = options.allowFlush;
    this.release = options.host().release;
    this.closings = new Closings(options.events, this.nowMs);
    this.meter = new CommandMeter(COMMANDS, options.events, options.slowRequestMs);
    this.statistics = new Statistics(this.meter, this.stats);
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
        this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
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
        if (this.#sweeper !== null) clearInterval(this.#sweeper);
        resolve();
      });
    });
  }

  /** The end of a turn. */
  flush(): void {
    this.meter.onTurnEnd();
    this.#relieve();
    this.shares.end();
    this.reads.endTurn();
    this.crowd.isPressed = this.shares.isModestAbout(this.nowMs());
    // Who has his answer need not wait until others have been given their turns.
    this.#send();
    if (this.#waiting.length > 0) {
      this.#resumeSome();
      this.meter.clock.forget();
      this.#send();
    } else this.shares.isCrowded = false;
  }

  #send(): void {
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    this.#dirty = [];
    for (const each of dirty) each.flush();
  }

  sessions(): Iterable<Session> {
    return this.#connections;
  }

  /** In the order in which they came, until the turn is long; the others come first next time. */
  #resumeSome(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.shares.isCrowded = waiting.length > 1;
    let resumed = 0;
    do waiting[resumed++]?.resume();
    while (resumed < waiting.length && !this.shares.isLong());
    if (resumed < waiting.length) this.#waiting = [...waiting.slice(resumed), ...this.#waiting];
    // What they asked of the member begins in the next turn.
    this.#turn.arm();
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

  /** A client is closed although it did not ask for it. */
  closing(reason: CloseReason, text: string, address: string): void {
    this.stats.connectionsClosed++;
    this.closings.closed(reason, text, address);
  }

  /** Closes whoever has passed a limit of time. */
  sweep(): void {
    const nowMs = this.nowMs();
    this.walks.lists.sweep(nowMs);
    this.walks.pages.sweep(nowMs);
    this.counts.sweep(nowMs);
    this.reads.sweep(nowMs);
    for (const connection of this.#connections) {
      const limit = connection.overdue(nowMs);
      if (limit === null) continue;
      const passed = `${this.limits[limit]} ms, the limit (${limit})`;
      if (limit === "requestMsMax") {
        connection.refuseUnfinished(limit, `ERR request has not come in whole within ${passed}`);
      } else if (limit === "stuckMsMax") {
        connection.closeNow(limit, `client has taken nothing of its replies for ${passed}`);
      } else {
        connection.closeNow(limit, `client has asked nothing for ${passed}`);
      }
    }
  }

  /**
   * As long as all clients together hold too much, the one that holds most goes: of unread replies, one that has not
   * taken what it was handed in an earlier turn, and rather one that has taken nothing for some time.
   */
  #relieve(): void {
    const { unfinished, output } = this.budgets;
    while (unfinished.isOver) {
      const greediest = this.#greediest((connection) => connection.unfinishedBytes);
      if (greediest === null) break;
      greediest.refuseUnfinished(
        "unfinishedTotalBytesMax",
        `OVERLOADED unfinished requests of all clients hold more than ${unfinished.bytesMax} bytes, the limit ` +
          `(unfinishedTotalBytesMax), and this one holds most, ${greediest.unfinishedBytes} bytes; nothing of it was done`,
      );
    }
    const nowMs = this.nowMs();
    while (output.isOver || this.reads.isStarved) {
      let greediest = this.#greediest(unreadSince(nowMs - DEAF_MS));
      if (output.isOver) greediest ??= this.#greediest(unreadSince(nowMs));
      if (greediest === null) break;
      greediest.closeNow(
        "outputTotalBytesMax",
        `unsent replies of all clients are ${output.bytes} bytes, the limit is ${output.bytesMax} ` +
          `(outputTotalBytesMax), and this client has left most, ${greediest.unsentBytes} bytes`,
      );
    }
  }

  #greediest(bytesOf: (connection: Connection) => number): Connection | null {
    let most = 0;
    let greediest: Connection | null = null;
    for (const connection of this.#connections) {
      const bytes = bytesOf(connection);
      if (bytes <= most) continue;
      most = bytes;
      greediest = connection;
    }
    return greediest;
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
    socket.on("error", () => undefined);
    const isTold = this.#turnedAway < this.limits.turnedAwayMax;
    const text = `there are ${this.limits.connectionsMax} connections, the limit (connectionsMax)`;
    const address = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    this.closings.refused(isTold ? "connectionsMax" : "turnedAwayMax", text, address);
    if (!isTold) {
      socket.destroy();
      return;
    }
    this.#turnedAway++;
    destroyAfter(socket, this.limits.lingerMs);
    socket.once("close", () => void this.#turnedAway--);
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > this.limits.lingerBytesMax) socket.destroy();
    });
    socket.end(TOO_MANY);
  }

  #onGone(connection: Connection): void {
    if (this.#connections.delete(connection)) this.stats.connections--;
    this.walks.lists.forget(connection.id);
    this.walks.pages.forget(connection.id);
    this.counts.forget(connection.id);
  }
}

/** What a client has left that has taken nothing since then of what it was handed. */
function unreadSince(sinceMs: number): (connection: Connection) => number {
  return (connection) => (connection.stuckMs <= sinceMs ? connection.unsentBytes : 0);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  assert(address !== null && typeof address === "object", "a listening server has an address");
  return address.port;
}
