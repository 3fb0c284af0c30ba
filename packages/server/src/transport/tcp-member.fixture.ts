/** The peer side of a member on real sockets, for tests: links over TCP, and everything that is said noted down. */
import { vi } from "vitest";
import {
  type Address,
  DEFAULT_LIMITS,
  type EventFields,
  type EventLevel,
  type MemberId,
  type Topology,
} from "@kvorum/core";
import {
  HybridClock,
  type MessageHandler,
  type PeerEvents,
  PeerLinks,
  Timers,
  encodeRead,
  encodeReplicate,
} from "@kvorum/core/testing";
import { systemClock } from "../environment/system-clock.ts";
import { SystemRandom } from "../environment/system-random.ts";
import { TimerAlarm } from "../environment/timer-alarm.ts";
import { TcpTransport } from "./tcp-transport.ts";
import { Turn } from "./turn.ts";

const nothing = (): void => undefined;

export interface TcpMemberOptions {
  readonly topology: Topology;
  readonly addresses: Map<MemberId, Address>;
  readonly overrides?: ReadonlyMap<MemberId, Address>;
}

export class TcpMember implements MessageHandler, PeerEvents {
  readonly id: MemberId;
  readonly transport: TcpTransport;
  readonly turn: Turn;
  readonly links: PeerLinks;
  /** Ids of READs, in the order in which they came. */
  readonly reads: number[] = [];
  /** Lengths and first bytes of the records of REPLICATEs. */
  readonly records: { length: number; sum: number }[] = [];
  /** Whose bulk link has gone, each time. */
  readonly bulkDowns: MemberId[] = [];
  readonly peerEvents: string[] = [];
  readonly texts: string[] = [];
  readonly failures: unknown[] = [];
  readonly onHint = nothing;
  readonly onReplicated = nothing;
  readonly onReadReply = nothing;
  readonly onWrite = nothing;
  readonly onWritten = nothing;
  readonly onCount = nothing;
  readonly onCounted = nothing;
  readonly onScan = nothing;
  readonly onScanned = nothing;
  readonly onTree = nothing;
  readonly onTreeReply = nothing;
  readonly onConflicts = nothing;
  readonly onConflictsPage = nothing;
  readonly onPrepare = nothing;
  readonly onPrepared = nothing;
  readonly onAccept = nothing;
  readonly onAccepted = nothing;
  readonly onConditional = nothing;
  readonly onConditionalDone = nothing;
  readonly #alarm: TimerAlarm;
  readonly #addresses: Map<MemberId, Address>;

  constructor(id: MemberId, { topology, addresses, overrides = new Map() }: TcpMemberOptions) {
    this.id = id;
    this.#addresses = addresses;
    this.turn = new Turn((error) => this.failures.push(error));
    this.transport = new TcpTransport({ turn: this.turn, addresses, overrides });
    const ring = (): void => {
      timers.onAlarm();
      this.turn.arm();
    };
    this.#alarm = new TimerAlarm(systemClock, ring);
    const timers = new Timers(systemClock, this.#alarm);
    this.links = new PeerLinks({
      self: id,
      topology,
      limits: DEFAULT_LIMITS,
      clock: systemClock,
      hlc: new HybridClock(systemClock, DEFAULT_LIMITS.maxClockDriftMs, 0),
      timers,
      random: new SystemRandom(),
      transport: this.transport,
      events: {
        event: (_level: EventLevel, name: string, text: string, _fields: EventFields) =>
          void this.texts.push(`${name}: ${text}`),
        fatal: (code: string, text: string) => void this.texts.push(`fatal ${code}: ${text}`),
      },
      memory: { ceiling: 0, birth: id, heard: new Map(), births: new Map() },
      handler: this,
      peerEvents: this,
    });
    this.transport.attach(this.links);
    this.turn.add(() => this.links.onTurnEnd());
    this.turn.add(() => this.transport.flush());
  }

  /** Listens on a port that the system chooses, unless one is given, and notes it among the addresses. */
  async listen(port = 0): Promise<Address> {
    const address = await this.transport.listen({ host: "127.0.0.1", port });
    this.#addresses.set(this.id, address);
    return address;
  }

  start(): void {
    this.links.start();
    this.turn.arm();
  }

  /** As when the process ends: every socket at once. */
  async stop(): Promise<void> {
    this.#alarm.stop();
    await this.transport.stop();
  }

  /** One turn: sends READs with these ids, as many as the link takes; returns how many. */
  sendReads(to: MemberId, from: number, count: number): number {
    const key = new Uint8Array(40);
    let sent = 0;
    for (; sent < count; sent++) {
      const writer = this.links.writer(to, "foreground");
      if (writer === null) break;
      encodeRead(writer, from + sent, 1, true, key);
    }
    return sent;
  }

  sendRecord(to: MemberId, record: Uint8Array): boolean {
    const writer = this.links.writer(to, record.length >= 65_536 ? "bulk" : "foreground");
    if (writer === null) return false;
    encodeReplicate(writer, 1, 1, true, false, new Uint8Array([1]), record);
    return true;
  }

  async waitFor(state: string, peer: MemberId): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.links.state(peer) !== state) {
          const { id, links } = this;
          throw new Error(`to ${id} member ${peer} is ${links.state(peer)}: ${links.reason(peer)}`);
        }
      },
      { timeout: 15_000, interval: 5 },
    );
  }

  onRead(_peer: MemberId, id: number): void {
    this.reads.push(id);
  }

  onReplicate(
    _peer: MemberId,
    _id: number,
    _deadline: number,
    _fsync: boolean,
    _overwrite: boolean,
    _key: Uint8Array,
    record: Uint8Array,
  ): void {
    this.records.push({ length: record.length, sum: record.reduce((sum, byte) => (sum * 31 + byte) | 0, 0) });
  }

  onPeerUp(peer: MemberId): void {
    this.peerEvents.push(`up ${peer}`);
  }

  onPeerDown(peer: MemberId): void {
    this.peerEvents.push(`down ${peer}`);
  }

  onBulkDown(peer: MemberId): void {
    this.bulkDowns.push(peer);
  }

  onSuspect(): void {
    // Two members and a test in one process: nothing is promised about how fast they answer.
  }
}
