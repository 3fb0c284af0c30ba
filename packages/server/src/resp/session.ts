/** A connection as commands see it, and the face that all connections share. */
import type { Events, MemberApi, NamespaceId } from "@kvorum/core";
import type { BlockPool } from "./block-pool.ts";
import type { Budgets } from "./budget.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { CommandTable } from "./command-table.ts";
import type { Crowd } from "./crowd.ts";
import type { RespLimits } from "./limits.ts";
import type { SlotPool } from "./reply-slot.ts";
import type { Protocol, ReplyWriter } from "./reply-writer.ts";
import type { TurnShares } from "./turn-shares.ts";

export interface Session {
  /** Unique for as long as the process lives. */
  readonly id: number;
  readonly face: Face;
  readonly namespace: NamespaceId;
  protocol: Protocol;
  name: string;
  libraryName: string;
  libraryVersion: string;
  /** What the commands before this one were answered is still sent. */
  closeAfterReplies(): void;
  closeNow(reason: string): void;
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

export interface Face {
  readonly member: MemberApi;
  readonly limits: RespLimits;
  readonly commands: CommandTable;
  readonly cluster: ClusterView;
  readonly events: Events;
  readonly stats: FaceStats;
  readonly writer: ReplyWriter;
  readonly slots: SlotPool;
  readonly blocks: BlockPool;
  readonly budgets: Budgets;
  readonly shares: TurnShares;
  readonly crowd: Crowd;
  /** This software's release. */
  readonly release: string;
  /** When the face began to listen, ms since 1970. */
  readonly startedMs: number;
  /** The port it listens on; 0 before. */
  readonly port: number;
  /** Monotonic. */
  nowMs(): number;
  /** Sees to it that the turn ends soon. */
  arm(): void;
  /** A client is closed although it did not ask for it. */
  closing(reason: string, address: string): void;
  later(waiting: Resumable): void;
  dirty(connection: Flushable): void;
}
