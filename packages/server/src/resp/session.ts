/** A connection as commands see it, and the face that all connections share. */
import type { Events, MemberApi, NamespaceId } from "@kvorum/core";
import type { HostStatus } from "../observability/host-status.ts";
import type { BlockPool } from "./block-pool.ts";
import type { Budgets } from "./budget.ts";
import type { CloseReason } from "./closings.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { CommandMeter } from "./command-meter.ts";
import type { CommandTable } from "./command-table.ts";
import type { Crowd } from "./crowd.ts";
import type { RespLimits } from "./limits.ts";
import type { ReadQueue } from "./read-queue.ts";
import type { SlotPool } from "./reply-slot.ts";
import type { SharedCounts } from "./shared-counts.ts";
import type { Protocol, ReplyWriter } from "./reply-writer.ts";
import type { RequestDefaults } from "./request-defaults.ts";
import type { Statistics } from "./statistics.ts";
import type { TurnShares } from "./turn-shares.ts";
import type { WalkQueue } from "./walk-queue.ts";

export interface Session {
  /** Unique for as long as the process lives. */
  readonly id: number;
  readonly face: Face;
  /** Whose keys its commands mean. */
  namespace: NamespaceId;
  defaults: RequestDefaults;
  protocol: Protocol;
  name: string;
  libraryName: string;
  libraryVersion: string;
  /** `host:port` of the client, and of this end of its connection. */
  readonly address: string;
  readonly localAddress: string;
  /** Ms since 1970. */
  readonly connectedMs: number;
  readonly heardMs: number;
  /** The command that came last; empty before the first. */
  readonly lastCommand: string;
  /** Bytes of a request that has not come in whole. */
  readonly unfinishedBytes: number;
  /** Bytes of replies that the client has not taken yet. */
  readonly unsentBytes: number;
  /** How large the next value that it reads is expected to be. */
  readonly expectedValueBytes: number;
  /** What the commands before this one were answered is still sent. */
  closeAfterReplies(): void;
  closeNow(reason: CloseReason, text: string): void;
}

/**
 * What a command's requests are made with. A command that asks for more once the first answer is there takes it when
 * it begins: what its connection chooses meanwhile is for the commands that come later.
 */
export type Scope = Readonly<Pick<Session, "id" | "face" | "namespace" | "defaults">>;

export function scopeOf({ id, face, namespace, defaults }: Scope): Scope {
  return { id, face, namespace, defaults };
}

/** Counted since the face began to listen. */
export interface FaceStats {
  connections: number;
  connectionsReceived: number;
  connectionsRefused: number;
  /** Closed by the face although the client did not ask for it. */
  connectionsClosed: number;
  /** Refused because too much is in flight. */
  commandsShed: number;
  commands: number;
  bytesIn: number;
  bytesOut: number;
}

/** Something that waits for the end of the turn to go on. */
export interface Resumable {
  resume(): void;
}

/** Something with output to be sent at the end of the turn. */
export interface Flushable {
  flush(): void;
}

/** Where those wait who go through keys. */
export interface WalkQueues {
  /** For each page of a walk. */
  readonly pages: WalkQueue;
  /** For a list of keys that is kept until it is whole: in memory, so only a few are begun at a time. */
  readonly lists: WalkQueue;
  readonly counts: WalkQueue;
}

export interface Face {
  readonly member: MemberApi;
  readonly limits: RespLimits;
  readonly commands: CommandTable;
  readonly cluster: ClusterView;
  readonly events: Events;
  readonly stats: FaceStats;
  readonly meter: CommandMeter;
  readonly statistics: Statistics;
  readonly writer: ReplyWriter;
  readonly slots: SlotPool;
  readonly blocks: BlockPool;
  readonly budgets: Budgets;
  readonly shares: TurnShares;
  readonly crowd: Crowd;
  readonly walks: WalkQueues;
  readonly counts: SharedCounts;
  readonly reads: ReadQueue;
  /** This software's release. */
  readonly release: string;
  /** The process and the machine as they are now. */
  readonly host: () => HostStatus;
  /** Whether FLUSHALL and FLUSHDB do what they say. */
  readonly allowFlush: boolean;
  /** When the face began to listen, ms since 1970. */
  readonly startedMs: number;
  /** The port it listens on; 0 before. */
  readonly port: number;
  /** All open connections, the oldest first. */
  sessions(): Iterable<Session>;
  /** Monotonic. */
  nowMs(): number;
  /** Sees to it that the turn ends soon. */
  arm(): void;
  /** A client is closed although it did not ask for it. */
  closing(reason: CloseReason, text: string, address: string): void;
  later(waiting: Resumable): void;
  dirty(connection: Flushable): void;
}
