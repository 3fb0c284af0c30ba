/**
 * What members say to each other. A frame's payload is a sequence of messages, each `length u32` (of what follows),
 * `type u8`, body; the bodies stand with their encoders. Big-endian throughout; clocks and instants are u64 that
 * must be safe integers.
 *
 * Receivers get one method per message with plain arguments, since an object per message would keep the collector
 * busy. Byte arguments are views into the frame, **valid only during the call**: whoever keeps them copies them.
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Durability } from "../ports/storage.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import type { Lane } from "../ports/transport.ts";
import type { Dot } from "../version/dot.ts";

/** The protocol versions this release speaks, oldest and newest. */
export const PROTOCOL_MIN = 1;
export const PROTOCOL_MAX = 1;

/** Numbers of message types; never reused. Those from `FIRST_DATA_TYPE` need a link that is up. */
export const HELLO = 1;
export const TOPOLOGY = 2;
export const REFUSE = 3;
export const PING = 4;
export const PONG = 5;
export const FIRST_DATA_TYPE = 16;
export const REPLICATE = 16;
export const REPLICATED = 17;
export const READ = 18;
export const READ_REPLY = 19;
export const WRITE = 20;
export const WRITTEN = 21;
export const COUNT = 22;
export const COUNTED = 23;
export const SCAN = 24;
export const SCANNED = 25;
export const CONFLICTS = 32;
export const CONFLICTS_PAGE = 33;
export const TREE = 40;
export const TREE_REPLY = 41;
export const HINT = 48;
export const PREPARE = 56;
export const PREPARED = 57;
export const ACCEPT = 58;
export const ACCEPTED = 59;
export const CONDITIONAL = 60;
export const CONDITIONAL_DONE = 61;

/** `length u32`, `type u8`. */
export const MESSAGE_HEADER_BYTES = 5;

export const TOPOLOGY_TEXT_BYTES_MAX = 4 * 1024 * 1024;
export const REFUSE_CODE_BYTES_MAX = 64;
export const REFUSE_TEXT_BYTES_MAX = 4 * 1024;
export const CLUSTER_BYTES_MAX = 64;
export const DIGEST_BYTES = 16;

/** Bits of WRITE that the receiver is told as they are. */
export const WRITE_DELETE = 1;
export const WRITE_FSYNC = 2;
export const WRITE_WANT_RECEIPT = 4;
export const WRITE_ONLY_IF_SEEN = 16;
export const WRITE_FALLBACKS = 32;

/** Bits of ACCEPT: its proposer did not prepare; and all other acceptors have promised, so a damaged one may accept. */
export const ACCEPT_UNPREPARED = 1;
export const ACCEPT_REPAIRS = 2;

/** The first thing either side says on a link. */
export interface Hello {
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly cluster: string;
  readonly member: MemberId;
  readonly lane: Lane;
  readonly epoch: number;
  /** The topology's, 16 bytes. */
  readonly digest: Bytes;
  /** Drawn by chance when the sender's process started: no other process shares it. */
  readonly session: number;
  /** The highest clock that the sender knows the receiver to have minted; 0: none. */
  readonly heard: number;
  /** Of the sender's data directory; never 0. */
  readonly birth: number;
  /** The birth of the directory that the sender knows the receiver by; 0: none. */
  readonly known: number;
}

/** Whether fallbacks may stand in for homes that do not answer in time. */
export type FallbackUse = "allow" | "deny";

/** A client's write on its way to the coordinator; what the fields mean stands at `PutRequest`. */
export interface ForwardedWrite {
  readonly kind: "put" | "delete";
  readonly namespace: NamespaceId;
  readonly key: Bytes;
  readonly value: Bytes;
  readonly context: string | null;
  readonly onlyIfSeen: boolean;
  readonly expiryMs: number;
  readonly w: number;
  readonly durability: Durability;
  readonly fallbacks: FallbackUse;
  readonly wantReceipt: boolean;
}

/** What a coordinator's acknowledgement achieved, for the member that forwarded the write. */
export interface RemoteReceipt {
  readonly dot: Dot;
  readonly w: number;
  readonly fsynced: number;
  /** At most 255 of each: homes that hold it, and members that hold it in place of homes. */
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  /** The context token for the author of the write, latin1. */
  readonly token: Bytes;
}

/**
 * A place among the entries of all members' conflict ledgers: by instant, then by member, then by number. A page begins
 * with the newest below it.
 */
export interface ConflictCursor {
  readonly instant: number;
  readonly member: MemberId;
  readonly number: number;
}

/** What is asked of a conflict ledger. */
export interface ConflictQuery {
  /** 0: all. */
  readonly namespace: NamespaceId;
  /** Null: all keys. */
  readonly key: Bytes | null;
  /** At most so many entries. */
  readonly count: number;
  /** Null: from the newest on. */
  readonly below: ConflictCursor | null;
}

/** An entry, as it is on the disk of the member that made it. */
export interface ConflictRow {
  readonly number: number;
  readonly row: Bytes;
}

/** What an acceptor knows of a key. Bytes are lent. */
export interface PreparedReply {
  /** What was promised before; a CONFLICT: what stands in the way. */
  readonly promised: Ballot;
  readonly accepted: Ballot;
  /** Of what is accepted: the ballot at which it was first proposed. */
  readonly origin: Ballot;
  /** What is accepted; empty: nothing, or what is committed has seen it. */
  readonly unfinished: Bytes;
  /** What is committed has the head that the proposer named. */
  readonly same: boolean;
  /** Unless `same`; empty: the key has no record. */
  readonly committed: Bytes;
}

/** What a conditional write depends on. `CONDITIONS` numbers them on the wire. */
export type ConditionKind =
  "none" | "absent" | "present" | "context" | "value" | "not-value" | "digest" | "not-digest";

/** What a conditional write does. `CHANGES` numbers them on the wire. */
export type ChangeKind =
  "none" | "put" | "delete" | "increment" | "increment-float" | "append" | "set-range" | "touch";

/** What becomes of the time to live: none, what it was, or the instant given. */
export type ExpiryRule = "clear" | "keep" | "at";

/** What is to come back with the outcome: the value before or after, its length after in decimal, or the whole record. */
export type Wanted = "nothing" | "before" | "after" | "length" | "record";

export const CONDITIONS: readonly ConditionKind[] = [
  "none",
  "absent",
  "present",
  "context",
  "value",
  "not-value",
  "digest",
  "not-digest",
];
export const CHANGES: readonly ChangeKind[] = [
  "none",
  "put",
  "delete",
  "increment",
  "increment-float",
  "append",
  "set-range",
  "touch",
];
export const EXPIRY_RULES: readonly ExpiryRule[] = ["clear", "keep", "at"];
export const WANTED: readonly Wanted[] = ["nothing", "before", "after", "length", "record"];

/** A client's conditional write on its way to the coordinator; what the fields mean stands at `ConditionalRequest`. */
export interface ForwardedConditional {
  readonly namespace: NamespaceId;
  readonly key: Bytes;
  readonly condition: ConditionKind;
  readonly operand: Bytes;
  readonly change: ChangeKind;
  readonly value: Bytes;
  readonly offset: number;
  readonly expiry: ExpiryRule;
  readonly expiryMs: number;
  readonly want: Wanted;
  readonly wantReceipt: boolean;
}

/** How a conditional write ended, for the member that forwarded it. */
export interface ConditionalOutcome {
  readonly code: OutcomeCode;
  readonly text: string;
  /** A live value was there before. */
  readonly existed: boolean;
  /** The value or record that was wanted; null: there is none. */
  readonly bytes: Bytes | null;
  /** By which expiry was judged, ms since 1970. */
  readonly nowMs: number;
  readonly receipt: RemoteReceipt | null;
}

/** Requests and replies between members. `id` is the requester's, returned in the reply. */
export interface MessageHandler {
  /**
   * Merge this record. `deadline`: a clock (HLC) after which nobody waits for it. `overwrite`: the writer had not
   * read, so name in the reply what the record does not cover.
   */
  onReplicate(
    peer: MemberId,
    id: number,
    deadline: number,
    fsync: boolean,
    overwrite: boolean,
    storageKey: Bytes,
    record: Bytes,
  ): void;
  /**
   * Keep this record in place of `target`, a home of its key; or, when that is the receiver, what it has missed.
   * Answered as `onReplicate` is.
   */
  onHint(
    peer: MemberId,
    id: number,
    deadline: number,
    fsync: boolean,
    overwrite: boolean,
    target: MemberId,
    storageKey: Bytes,
    record: Bytes,
  ): void;
  /** `existed`: a live value was there before. `uncovered`: a table of context entries; often empty. */
  onReplicated(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    fsynced: boolean,
    existed: boolean,
    uncovered: Bytes,
  ): void;
  /** `latest`: also what is not committed yet, for a home that replaces a damaged record and commits it itself. */
  onRead(
    peer: MemberId,
    id: number,
    deadline: number,
    headOnly: boolean,
    latest: boolean,
    storageKey: Bytes,
  ): void;
  /**
   * `bytes`: a record, or its head if `headOnly`; empty where the key is absent. With DAMAGED: which finding of damage
   * it is (`damage-bytes.ts`). OVERLOADED: there was no room for the answer, ask again.
   */
  onReadReply(peer: MemberId, id: number, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void;
  /** `flags`: WRITE_*. `w`: as in a `PutRequest`. `token` null: no context, overwrite. */
  onWrite(
    peer: MemberId,
    id: number,
    deadline: number,
    flags: number,
    namespace: NamespaceId,
    w: number,
    expiryMs: number,
    key: Bytes,
    value: Bytes,
    token: string | null,
  ): void;
  onWritten(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    existed: boolean,
    text: string,
    receipt: RemoteReceipt | null,
  ): void;
  onCount(
    peer: MemberId,
    id: number,
    deadline: number,
    namespace: NamespaceId,
    partitions: readonly number[],
  ): void;
  onCounted(peer: MemberId, id: number, code: OutcomeCode, keys: number): void;
  /** Read one page of a namespace's records: storage keys from `from` to where slot `slotEnd` begins, `rows` at most. */
  onScan(
    peer: MemberId,
    id: number,
    deadline: number,
    namespace: NamespaceId,
    rows: number,
    slotEnd: number,
    from: Bytes,
  ): void;
  /** `next`: the storage key at which the next page begins; empty: the range is done. `rows`: see `scan-rows.ts`. */
  onScanned(peer: MemberId, id: number, code: OutcomeCode, next: Bytes, rows: Bytes): void;
  /** `query.key` is lent. */
  onConflicts(peer: MemberId, id: number, deadline: number, query: ConflictQuery): void;
  /**
   * The newest first; bytes are lent. `through`: all of the peer's entries down to this place have been looked at;
   * null: all there are. Not OK: there is no page, and no room to make or send one.
   */
  onConflictsPage(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    rows: readonly ConflictRow[],
    through: ConflictCursor | null,
  ): void;
  /** Asks for sums of a peer's trees, or for what is in a leaf: see `tree-parts.ts`. `from` is lent. */
  onTree(
    peer: MemberId,
    id: number,
    deadline: number,
    level: number,
    ids: readonly number[],
    from: Bytes,
  ): void;
  /** `next`: where the next page of a leaf begins; empty: it is whole. `bytes` by level, lent. */
  onTreeReply(peer: MemberId, id: number, code: OutcomeCode, next: Bytes, bytes: Bytes): void;
  /**
   * Promise to refuse lower ballots, and say what is accepted and committed. `NO_BALLOT`: only say so. `head`: of the
   * record that the proposer knows; empty: it knows of none.
   */
  onPrepare(
    peer: MemberId,
    id: number,
    deadline: number,
    ballot: Ballot,
    storageKey: Bytes,
    head: Bytes,
  ): void;
  /** CONFLICT: a higher ballot was promised. */
  onPrepared(peer: MemberId, id: number, code: OutcomeCode, reply: PreparedReply): void;
  /** `flags`: ACCEPT_*. Bytes of the proposal are lent. */
  onAccept(
    peer: MemberId,
    id: number,
    deadline: number,
    flags: number,
    storageKey: Bytes,
    proposal: Proposal,
  ): void;
  /** CONFLICT: a higher ballot was promised, `promised`. CONDITION: what is committed here is not in the record. */
  onAccepted(peer: MemberId, id: number, code: OutcomeCode, promised: Ballot): void;
  /** Bytes are lent. */
  onConditional(peer: MemberId, id: number, deadline: number, request: ForwardedConditional): void;
  onConditionalDone(peer: MemberId, id: number, outcome: ConditionalOutcome): void;
}

/** One link, as the decoder sees it: who is at the other end, and what it says about the link itself. */
export interface LinkHandler {
  /** Who is at the other end; 0 while it has not said so. */
  readonly peer: MemberId;
  /** Both sides have agreed to talk, so requests and replies are let through. */
  readonly up: boolean;
  /** False as soon as the link is being closed; the rest of a frame is then dropped. */
  readonly open: boolean;
  onHello(hello: Hello): void;
  /** The sender's canonical topology text (UTF-8), since the digests differ. */
  onTopology(text: Bytes): void;
  /** The other side will not talk, and closes. `code` is stable, `text` is for people. */
  onRefuse(code: string, text: string): void;
  /** `echo` comes back as it is. `minted`: the highest clock the sender has minted since it started; 0: none. */
  onPing(echo: number, minted: number): void;
  onPong(echo: number, minted: number): void;
}
