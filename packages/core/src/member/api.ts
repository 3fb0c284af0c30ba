/**
 * A member as its faces see it. `Member` implements it; faces and the command line depend on this alone.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Limits } from "../config/limits.ts";
import type { BudgetStatus } from "../control/budget.ts";
import type { HintTotals } from "../hints/hint-tally.ts";
import type { PartitionStatus, UpkeepStatus } from "./upkeep.ts";
import type { ConditionalRequest, ConditionalUser } from "../coordinator/conditional.ts";
import type { ConflictsRequest, ConflictsUser } from "../coordinator/conflicts.ts";
import type {
  CountUser,
  ExplainUser,
  GetRequest,
  GetUser,
  PutRequest,
  PutUser,
  ScanRequest,
  ScanUser,
} from "../coordinator/request.ts";
import type { VerifyRequest, VerifyUser } from "../coordinator/verify.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import type { StorageSizes } from "../ports/storage.ts";
import type { ConflictStatus } from "../replica/conflict-ledger.ts";
import type { ScrubStatus } from "../replica/scrub.ts";

export interface MemberApi {
  readonly id: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  /** Answers exactly once, possibly inside the call, at the latest at the deadline. */
  get(request: GetRequest, user: GetUser, tag: number): void;
  put(request: PutRequest, user: PutUser, tag: number): void;
  /** A conditional write or a serial read. Answers as above. */
  conditional(request: ConditionalRequest, user: ConditionalUser, tag: number): void;
  explain(namespace: NamespaceId, key: Bytes, timeoutMs: number, user: ExplainUser, tag: number): void;
  count(namespace: NamespaceId, timeoutMs: number, user: CountUser, tag: number): void;
  /** One step through a namespace's keys: a bounded number of rows and rounds, whatever it finds. */
  scan(request: ScanRequest, user: ScanUser, tag: number): void;
  /** One page of the conflict ledgers of all members that can be reached. Answers at the latest at the deadline. */
  conflicts(request: ConflictsRequest, user: ConflictsUser, tag: number): void;
  /** One stretch of a comparison of all homes of all keys. Answers at the latest at the deadline. */
  verify(request: VerifyRequest, user: VerifyUser, tag: number): void;
  /** Of `count` partitions from `first` on, those that this member is a home of, as it sees them. */
  partitions(first: number, count: number): readonly PartitionStatus[];
  /** The member's clock in ms since 1970, by which expiry is judged. Use it to turn a TTL into an instant. */
  nowMs(): number;
  /** Whether this member believes it can reach that one now (itself: always). */
  reachable(member: MemberId): boolean;
  status(): MemberStatus;
  /** What may be done in the background per second, at most, until the next start; whole numbers from 1. */
  adjustBudget(operations: number, bytes: number): void;
}

export type MemberState = "starting" | "serving" | "stopped";

/** Plain data, ready for JSON. */
export interface MemberStatus {
  readonly id: MemberId;
  readonly name: string;
  readonly state: MemberState;
  readonly cluster: string;
  readonly epoch: number;
  /** The topology's digest in hex: equal on members that agree. */
  readonly topologyDigest: string;
  readonly peers: readonly PeerStatus[];
  readonly storage: StorageSizes;
  readonly clock: ClockStatus;
  readonly counters: MemberCounters;
  readonly caches: CacheStatus;
  readonly conflicts: ConflictStatus;
  readonly upkeep: UpkeepStatus;
  readonly budget: BudgetStatus;
  /** What `upkeep.hints` says of each target, together. */
  readonly hints: HintTotals;
  readonly scrub: ScrubStatus;
  readonly inFlight: InFlightStatus;
}

export interface PeerStatus {
  readonly id: MemberId;
  readonly name: string;
  /** `up`; `suspect`: linked but silent; `down`: no link; `refused`: linked but of another opinion (see `reason`). */
  readonly state: "up" | "suspect" | "down" | "refused";
  readonly reason: string;
  /** Smoothed round trip in ms; 0 when unknown. */
  readonly roundTripMs: number;
  /** Its clock minus ours in ms at the last exchange. */
  readonly clockOffsetMs: number;
}

export interface ClockStatus {
  readonly nowMs: number;
  readonly driftRefusals: number;
  /** True when this member finds itself too far ahead of its peers and coordinates no writes. */
  readonly suspended: boolean;
}

export interface MemberCounters {
  readonly gets: number;
  readonly puts: number;
  readonly deletes: number;
  readonly conditionals: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly forwarded: number;
  /** Overwrites that had to cover what other homes held. */
  readonly secondRounds: number;
  readonly divergentReads: number;
  /** Keys that were repaired after a read, that could not be at every home, and that there was no room for. */
  readonly readRepairs: number;
  readonly readRepairsFailed: number;
  readonly readRepairsSkipped: number;
  readonly damagedRecords: number;
}

export interface CacheStatus {
  readonly entries: number;
  readonly valueBytes: number;
  readonly hits: number;
  readonly misses: number;
}

/** What is under way at this moment. */
export interface InFlightStatus {
  /** Requests that this member coordinates or has forwarded. */
  readonly operations: number;
  /** Records that wait for the disk, and their bytes. */
  readonly pendingAppends: number;
  readonly pendingBytes: number;
  /** Reads that wait for the disk. */
  readonly waitingReads: number;
}
