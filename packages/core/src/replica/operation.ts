/**
 * What all operations share: an id by which replies find them, one timer, and the parts of the member they use.
 * An operation is the whole state of one request; it allocates nothing per message, and is dropped when it has
 * answered (a late reply then finds no operation under its id).
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { SlotTable } from "../base/slot-table.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import { HLC_TICKS, type HybridClock } from "../version/hlc.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type {
  ConditionalOutcome,
  ConflictCursor,
  ConflictRow,
  PreparedReply,
  RemoteReceipt,
} from "../wire/messages.ts";

/** What an operation of any kind needs. */
export interface OperationParts {
  readonly timers: Timers;
  readonly clock: HybridClock;
  readonly operations: SlotTable<AnyOperation>;
}

export type AnyOperation = Operation<OperationParts>;

export abstract class Operation<Parts extends OperationParts> extends Timer {
  readonly parts: Parts;
  /** 0 when not registered. */
  id = 0;

  constructor(parts: Parts) {
    super();
    this.parts = parts;
  }

  /** Takes a fresh id: replies to an earlier one no longer find this operation. */
  protected register(): void {
    this.unregister();
    this.id = this.parts.operations.insert(this);
  }

  protected unregister(): void {
    if (this.id !== 0) this.parts.operations.remove(this.id);
    this.id = 0;
  }

  /** The clock that a deadline of `timeoutMs` from now is, as it travels in frames. */
  protected deadlineClock(timeoutMs: number): number {
    return this.parts.clock.reading() + Math.ceil(timeoutMs) * HLC_TICKS;
  }

  onReplicated(
    _peer: MemberId,
    _code: OutcomeCode,
    _fsynced: boolean,
    _existed: boolean,
    _context: Bytes,
  ): void {
    // Not for this kind of operation: a peer answered with something nobody asked.
  }

  onReadReply(_peer: MemberId, _code: OutcomeCode, _headOnly: boolean, _bytes: Bytes): void {
    // As above.
  }

  onWritten(
    _peer: MemberId,
    _code: OutcomeCode,
    _existed: boolean,
    _text: string,
    _receipt: RemoteReceipt | null,
  ): void {
    // As above.
  }

  onCounted(_peer: MemberId, _code: OutcomeCode, _keys: number): void {
    // As above.
  }

  onScanned(_peer: MemberId, _code: OutcomeCode, _next: Bytes, _rows: Bytes): void {
    // As above.
  }

  onConflictsPage(
    _peer: MemberId,
    _code: OutcomeCode,
    _rows: readonly ConflictRow[],
    _through: ConflictCursor | null,
  ): void {
    // As above.
  }

  onTreeReply(_peer: MemberId, _code: OutcomeCode, _next: Bytes, _bytes: Bytes): void {
    // As above.
  }

  onPrepared(_peer: MemberId, _code: OutcomeCode, _reply: PreparedReply): void {
    // As above.
  }

  onAccepted(_peer: MemberId, _code: OutcomeCode, _promised: Ballot): void {
    // As above.
  }

  onConditionalDone(_peer: MemberId, _outcome: ConditionalOutcome): void {
    // As above.
  }

  /** The link to a peer is gone: what was asked of it gets no answer. */
  abstract onPeerDown(peer: MemberId): void;

  /** The bulk link to a peer is gone: what was sent or is to come on it may be lost, what went the other way is not. */
  onBulkDown(_peer: MemberId): void {
    // Only who sends or awaits something large has something to decide.
  }

  /** A peer has gone silent. It may answer yet; most operations have asked others as well and go on waiting. */
  onPeerSilent(_peer: MemberId): void {
    // Only who waits for this peer alone has something to decide.
  }
}
