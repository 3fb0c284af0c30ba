/** Passes what peers say to whoever it is for. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { SlotTable } from "../base/slot-table.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type { CasAcceptor } from "../replica/cas-acceptor.ts";
import type { AnyOperation } from "../replica/operation.ts";
import type { Replica } from "../replica/replica.ts";
import type {
  ConditionalOutcome,
  ConflictCursor,
  ConflictQuery,
  ConflictRow,
  ForwardedConditional,
  MessageHandler,
  PreparedReply,
  RemoteReceipt,
} from "../wire/messages.ts";
import {
  WRITE_DELETE,
  WRITE_FALLBACKS,
  WRITE_FSYNC,
  WRITE_ONLY_IF_SEEN,
  WRITE_WANT_RECEIPT,
} from "../wire/messages.ts";
import type { Upkeep } from "./upkeep.ts";

export interface Receivers {
  readonly replica: Replica;
  readonly acceptor: CasAcceptor;
  readonly coordinator: Coordinator;
  readonly upkeep: Upkeep;
}

export class MessageRouter implements MessageHandler {
  readonly #operations: SlotTable<AnyOperation>;
  readonly #parts: () => Receivers;

  /** They are put together after the links that hear of messages. */
  constructor(operations: SlotTable<AnyOperation>, parts: () => Receivers) {
    this.#operations = operations;
    this.#parts = parts;
  }

  onReplicate(
    peer: MemberId,
    id: number,
    _deadline: number,
    fsync: boolean,
    overwrite: boolean,
    storageKey: Bytes,
    record: Bytes,
  ): void {
    // A late one is merged all the same: it is somewhere else already, and this home will need it.
    this.#parts().replica.onReplicate(peer, id, fsync, overwrite, storageKey, record);
  }

  onHint(
    peer: MemberId,
    id: number,
    _deadline: number,
    fsync: boolean,
    overwrite: boolean,
    target: MemberId,
    storageKey: Bytes,
    record: Bytes,
  ): void {
    this.#parts().replica.onHint(peer, id, fsync, overwrite, target, storageKey, record);
  }

  onReplicated(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    fsynced: boolean,
    existed: boolean,
    uncovered: Bytes,
  ): void {
    this.#operations.get(id)?.onReplicated(peer, code, fsynced, existed, uncovered);
  }

  onRead(
    peer: MemberId,
    id: number,
    deadline: number,
    headOnly: boolean,
    latest: boolean,
    storageKey: Bytes,
  ): void {
    this.#parts().replica.onRead(peer, id, deadline, headOnly, latest, storageKey);
  }

  onReadReply(peer: MemberId, id: number, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void {
    this.#operations.get(id)?.onReadReply(peer, code, headOnly, bytes);
  }

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
  ): void {
    this.#parts().coordinator.onWrite(peer, id, deadline, {
      kind: (flags & WRITE_DELETE) === 0 ? "put" : "delete",
      namespace,
      key,
      value,
      context: token,
      onlyIfSeen: (flags & WRITE_ONLY_IF_SEEN) !== 0,
      expiryMs,
      w,
      durability: (flags & WRITE_FSYNC) === 0 ? "os" : "fsync",
      fallbacks: (flags & WRITE_FALLBACKS) === 0 ? "deny" : "allow",
      timeoutMs: 0,
      wantReceipt: (flags & WRITE_WANT_RECEIPT) !== 0,
    });
  }

  onWritten(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    existed: boolean,
    text: string,
    receipt: RemoteReceipt | null,
  ): void {
    this.#operations.get(id)?.onWritten(peer, code, existed, text, receipt);
  }

  onCount(
    peer: MemberId,
    id: number,
    deadline: number,
    namespace: NamespaceId,
    partitions: readonly number[],
  ): void {
    this.#parts().coordinator.onCount(peer, id, deadline, namespace, partitions);
  }

  onCounted(peer: MemberId, id: number, code: OutcomeCode, keys: number): void {
    this.#operations.get(id)?.onCounted(peer, code, keys);
  }

  onScan(
    peer: MemberId,
    id: number,
    deadline: number,
    namespace: NamespaceId,
    rows: number,
    slotEnd: number,
    from: Bytes,
  ): void {
    this.#parts().replica.onScan(peer, id, deadline, namespace, rows, slotEnd, from);
  }

  onScanned(peer: MemberId, id: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    this.#operations.get(id)?.onScanned(peer, code, next, rows);
  }

  onTree(
    peer: MemberId,
    id: number,
    deadline: number,
    level: number,
    ids: readonly number[],
    from: Bytes,
  ): void {
    this.#parts().upkeep.trees.onTree(peer, id, deadline, level, ids, from);
  }

  onTreeReply(peer: MemberId, id: number, code: OutcomeCode, next: Bytes, bytes: Bytes): void {
    this.#operations.get(id)?.onTreeReply(peer, code, next, bytes);
  }

  onPrepare(
    peer: MemberId,
    id: number,
    deadline: number,
    ballot: Ballot,
    storageKey: Bytes,
    head: Bytes,
  ): void {
    this.#parts().acceptor.onPrepare(peer, id, deadline, ballot, storageKey, head);
  }

  onPrepared(peer: MemberId, id: number, code: OutcomeCode, reply: PreparedReply): void {
    this.#operations.get(id)?.onPrepared(peer, code, reply);
  }

  onAccept(
    peer: MemberId,
    id: number,
    deadline: number,
    flags: number,
    storageKey: Bytes,
    proposal: Proposal,
  ): void {
    this.#parts().acceptor.onAccept(peer, id, deadline, flags, storageKey, proposal);
  }

  onAccepted(peer: MemberId, id: number, code: OutcomeCode, promised: Ballot): void {
    this.#operations.get(id)?.onAccepted(peer, code, promised);
  }

  onConditional(peer: MemberId, id: number, deadline: number, request: ForwardedConditional): void {
    this.#parts().coordinator.onConditional(peer, id, deadline, request);
  }

  onConditionalDone(peer: MemberId, id: number, outcome: ConditionalOutcome): void {
    this.#operations.get(id)?.onConditionalDone(peer, outcome);
  }

  onConflicts(peer: MemberId, id: number, deadline: number, query: ConflictQuery): void {
    this.#parts().coordinator.onConflicts(peer, id, deadline, query);
  }

  onConflictsPage(
    peer: MemberId,
    id: number,
    code: OutcomeCode,
    rows: readonly ConflictRow[],
    through: ConflictCursor | null,
  ): void {
    this.#operations.get(id)?.onConflictsPage(peer, code, rows, through);
  }
}
