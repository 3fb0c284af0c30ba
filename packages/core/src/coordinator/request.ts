/**
 * What a face (RESP, HTTP) hands to a member and what it gets back. A request object belongs to the face and must
 * not change until the answer; keys and values are given to the member (it may keep them).
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Epoch } from "../model/topology.ts";
import type { Durability } from "../ports/storage.ts";
import type { Dot, Version } from "../version/dot.ts";
import type { FallbackUse } from "../wire/messages.ts";

export interface GetRequest {
  readonly namespace: NamespaceId;
  readonly key: Bytes;
  /** Homes that must answer: 1 .. n, `QUORUM` or `ALL`. */
  readonly r: number;
  /** Leave the values out: enough for EXISTS and TTL, and cheaper. */
  readonly headOnly: boolean;
  /** What to do for homes that answered with less than others. Nothing, when only heads are read. */
  readonly repair: ReadRepair;
  /** In a namespace whose policy is `strong`: read as elsewhere, from `r` homes. */
  readonly plain?: boolean;
  readonly timeoutMs: number;
}

/**
 * `none`: nothing. `after`: when the read has been answered, they are sent what they lack, if the budget allows it.
 * `before`: the read is answered when as many homes as it asks for hold on disk what it has found. So of such reads,
 * each of a majority, none finds less than one that ended before it began.
 */
export type ReadRepair = "none" | "after" | "before";

export interface GetUser {
  onGet(tag: number, result: GetResult): void;
}

export interface GetResult {
  readonly code: OutcomeCode;
  /** More exact words for a failure; empty when the table's say it all. */
  readonly text: string;
  /** Homes asked for and homes that answered. */
  readonly r: number;
  readonly answered: readonly MemberId[];
  readonly epoch: Epoch;
  /** The instant at which expiry was judged, ms since 1970: the latest of all clocks that took part. */
  readonly nowMs: number;
  /** The newest version by dot that is a value and has not expired, or null. */
  newestLive(): Version | null;
  /** All versions, tombstones and expired ones included, newest first. */
  versions(): Version[];
  /** The context token to write with; for an absent key it is the token of "I saw nothing". */
  token(): string;
}

export interface PutRequest {
  readonly kind: "put" | "delete";
  readonly namespace: NamespaceId;
  readonly key: Bytes;
  /** Ignored for a delete. */
  readonly value: Bytes;
  /** A token from a read or a write: supersede exactly what it covers. Null: overwrite what is there. */
  readonly context: string | null;
  /**
   * With a context: write only if the coordinator holds nothing that it does not cover, else end in `CONFLICT`. Writes
   * of a key go through one coordinator while it can be reached, so none slips between a read and such a write;
   * beyond that, as in a partition, siblings are still possible.
   */
  readonly onlyIfSeen: boolean;
  /** Absolute, ms since 1970; 0: never. */
  readonly expiryMs: number;
  /** Homes that must acknowledge (or fallbacks in place of some): 1 .. n, `QUORUM` or `ALL`. */
  readonly w: number;
  /** Whether fallbacks may stand in for homes that do not answer in time. */
  readonly fallbacks: FallbackUse;
  readonly durability: Durability;
  readonly timeoutMs: number;
  /** Whether the caller will read `receipt`: the plain path leaves it out. */
  readonly wantReceipt: boolean;
}

export interface PutUser {
  onPut(tag: number, result: PutResult): void;
}

export interface PutResult {
  readonly code: OutcomeCode;
  readonly text: string;
  /** Whether a live value was there before, as far as the acknowledging homes knew. */
  readonly existed: boolean;
  /** Present on success when asked for. Null after a delete that found nothing to remove. */
  readonly receipt: Receipt | null;
}

/** Exactly what an acknowledgement achieved. */
export interface Receipt {
  readonly dot: Dot;
  /** The token that covers this write and what it superseded. */
  readonly token: string;
  readonly coordinator: MemberId;
  readonly w: number;
  /** Homes that hold the write, in order of their answers. */
  readonly homes: readonly MemberId[];
  /** Members that hold it in place of homes, until they can be reached. No read counts on them. */
  readonly fallbacks: readonly MemberId[];
  /** Of homes and fallbacks, how many have it on stable storage. */
  readonly fsynced: number;
  readonly zones: readonly string[];
  readonly regions: readonly string[];
  readonly epoch: Epoch;
}

/** What one home says of a key. */
export interface HomeView {
  readonly member: MemberId;
  /** `OK`, or why it did not answer: `TIMEOUT`, `QUORUM` (cannot be reached), `DAMAGED`. */
  readonly code: OutcomeCode;
  readonly versions: readonly Version[];
  readonly context: readonly Dot[];
  /** As an acceptor of conditional writes; null: it did not say. */
  readonly acceptor: AcceptorView | null;
}

/** Ballots are `epoch.clock.member`, `-` for none. */
export interface AcceptorView {
  readonly promised: string;
  readonly accepted: string;
  /** It has accepted what its committed record has not seen: the next conditional write or serial read finishes that. */
  readonly unfinished: boolean;
}

export interface Explanation {
  readonly slot: number;
  readonly partition: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  /** The member that would coordinate a write now; 0 when no home can be reached. */
  readonly coordinator: MemberId;
  readonly epoch: Epoch;
  readonly views: readonly HomeView[];
  /** Whether all homes answered with the same record. */
  readonly equal: boolean;
}

export interface ExplainUser {
  onExplained(tag: number, explanation: Explanation): void;
}

export interface CountUser {
  /** Keys with a live value in a namespace, each counted at one home. `code` is `QUORUM` when a partition has no home that can be reached. */
  onCounted(tag: number, code: OutcomeCode, keys: number): void;
}

export interface ScanRequest {
  readonly namespace: NamespaceId;
  /** 0, `slotCursor` of a slot, or what an earlier answer said; at most `SCAN_CURSOR_MAX`. */
  readonly cursor: number;
  /** The scan is over where this slot begins; 16,384: at the end of the namespace. */
  readonly slotEnd: number;
  /** Keys after which an answer ends, at least 1: a hint, answers may have more or fewer. */
  readonly count: number;
  readonly timeoutMs: number;
}

export interface ScanUser {
  onScanned(tag: number, result: ScanResult): void;
}

export interface ScanResult {
  readonly code: OutcomeCode;
  readonly text: string;
  /**
   * Live keys as a majority of their homes knows them. Answers from cursor to cursor name no key twice, and each key
   * that was there all the while once; none may be in one answer.
   */
  readonly keys: readonly Bytes[];
  /** Where to go on, at any member; 0: the scan is over. */
  readonly cursor: number;
}
