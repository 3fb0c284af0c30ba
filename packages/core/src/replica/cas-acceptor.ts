/**
 * A home as an acceptor of conditional writes: it promises, accepts, and says what it has accepted and committed. It
 * answers for nothing that is not durable. A member that proposes asks its own acceptor in the same way as those of
 * others.
 */
import { type Bytes, EMPTY_BYTES, bytesEqual, copyBytes } from "../base/bytes.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch } from "../model/topology.ts";
import { type AcceptorState, NEW_ACCEPTOR } from "../paxos/acceptor-row.ts";
import { type Proposal, acceptInto, isSecondValue, promiseTo } from "../paxos/acceptor.ts";
import { type Ballot, NO_BALLOT, ballotText, isBallot } from "../paxos/ballot.ts";
import type { Events } from "../ports/events.ts";
import type { AcceptorStore, AcceptorUser } from "../storage/acceptor-store.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { acceptorKey, isRecordKey } from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import { contextDominates, contextMaxClock } from "../version/causal-context.ts";
import type { HybridClock } from "../version/hlc.ts";
import { contextOf, headOf, isHeadOnly, isRecord } from "../version/record.ts";
import { ACCEPT_REPAIRS, ACCEPT_UNPREPARED, type PreparedReply } from "../wire/messages.ts";
import { encodeAccepted, encodePrepared } from "../wire/encode-paxos.ts";
import { type Peers, laneFor } from "./peers.ts";
import type { Healer } from "./record-merge.ts";
import { ReplyPath } from "./reply-path.ts";

export interface CasAcceptorParts {
  readonly epoch: Epoch;
  readonly limits: Limits;
  readonly clock: HybridClock;
  readonly events: Events;
  readonly store: RecordStore;
  readonly states: AcceptorStore;
  readonly peers: Peers;
  readonly healer: Healer;
  readonly storable: () => OutcomeCode;
  readonly isHome: (storageKey: Bytes) => boolean;
}

/** Who asked: once, and possibly answered inside the call. */
export interface AcceptorClient {
  onPrepared(code: OutcomeCode, reply: PreparedReply): void;
  onAccepted(code: OutcomeCode, promised: Ballot): void;
}

const NOTHING_PREPARED: PreparedReply = {
  promised: NO_BALLOT,
  accepted: NO_BALLOT,
  origin: NO_BALLOT,
  unfinished: EMPTY_BYTES,
  same: false,
  committed: EMPTY_BYTES,
};

export class CasAcceptor {
  readonly #parts: CasAcceptorParts;

  constructor(parts: CasAcceptorParts) {
    this.#parts = parts;
  }

  /** A peer prepares. Bytes are lent. */
  onPrepare(
    peer: MemberId,
    id: number,
    deadline: number,
    ballot: Ballot,
    storageKey: Bytes,
    head: Bytes,
  ): void {
    if (this.#parts.clock.reading() > deadline) return;
    const client = new RemoteProposer(this.#parts, peer, id);
    if (!isRecordKey(storageKey)) client.onPrepared("INVALID", NOTHING_PREPARED);
    else this.prepare(ballot, copyBytes(storageKey), copyBytes(head), client);
  }

  /** A peer proposes. Bytes are lent. */
  onAccept(
    peer: MemberId,
    id: number,
    deadline: number,
    flags: number,
    storageKey: Bytes,
    proposal: Proposal,
  ): void {
    const client = new RemoteProposer(this.#parts, peer, id);
    const isProposal = isBallot(proposal.ballot) && isRecord(proposal.record);
    if (!isRecordKey(storageKey) || !isProposal) client.onAccepted("INVALID", NO_BALLOT);
    else if (this.#parts.clock.reading() <= deadline)
      this.accept(flags, copyBytes(storageKey), { ...proposal, record: copyBytes(proposal.record) }, client);
  }

  /** `head`: of the record that the proposer knows; empty: none. */
  prepare(ballot: Ballot, storageKey: Bytes, head: Bytes, client: AcceptorClient): void {
    const refusal = this.#refusal(ballot, storageKey);
    if (refusal === "OK") new Preparation(this.#parts, ballot, storageKey, head, client).start();
    else client.onPrepared(refusal, NOTHING_PREPARED);
  }

  accept(flags: number, storageKey: Bytes, proposal: Proposal, client: AcceptorClient): void {
    const { clock } = this.#parts;
    let refusal = this.#refusal(proposal.ballot, storageKey);
    if (refusal === "OK" && !clock.observe(contextMaxClock(contextOf(proposal.record)))) refusal = "CLOCK";
    if (refusal === "OK") new Acceptance(this.#parts, flags, storageKey, proposal, client).start();
    else client.onAccepted(refusal, NO_BALLOT);
  }

  #refusal(ballot: Ballot, storageKey: Bytes): OutcomeCode {
    const { epoch, clock, storable, isHome } = this.#parts;
    if (!isHome(storageKey)) return "EPOCH";
    if (this.#isFull()) return "OVERLOADED";
    if (!isBallot(ballot)) return "OK";
    if (ballot.epoch !== epoch) return "EPOCH";
    return clock.observe(ballot.clock) ? storable() : "CLOCK";
  }

  /** Of rows that wait for the disk, and of those who wait for a row or a record to be read. */
  #isFull(): boolean {
    const { store, states, limits } = this.#parts;
    const isBehind = states.pending >= limits.operationsMax || states.pendingBytes >= limits.pendingBytesMax;
    return isBehind || states.waiting + store.waiting >= limits.operationsMax;
  }
}

class Preparation implements RecordUser, AcceptorUser {
  readonly #parts: CasAcceptorParts;
  readonly #ballot: Ballot;
  readonly #storageKey: Bytes;
  readonly #key: Bytes;
  readonly #head: Bytes;
  readonly #client: AcceptorClient;
  #committed: Bytes | null = null;
  #state: AcceptorState = NEW_ACCEPTOR;

  constructor(
    parts: CasAcceptorParts,
    ballot: Ballot,
    storageKey: Bytes,
    head: Bytes,
    client: AcceptorClient,
  ) {
    this.#parts = parts;
    this.#ballot = ballot;
    this.#storageKey = storageKey;
    this.#key = acceptorKey(storageKey);
    this.#head = head;
    this.#client = client;
  }

  start(): void {
    this.#parts.store.withEntry(this.#storageKey, false, this, 0);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    const { committed } = entry;
    if (entry.damaged) {
      this.#parts.states.forget(this.#key);
      this.#parts.healer.heal(entry, null);
      this.#client.onPrepared("DAMAGED", NOTHING_PREPARED);
    } else if (committed !== null && !this.#isSame(committed) && isHeadOnly(committed)) {
      this.#parts.store.withEntry(this.#storageKey, true, this, 0);
    } else {
      this.#committed = committed;
      this.#parts.states.withState(this.#key, this);
    }
  }

  onCommitted(): void {
    // No record is appended.
  }

  onState(state: AcceptorState | null): void {
    if (state === null) {
      noteDamage(this.#parts.events);
      this.#client.onPrepared("DAMAGED", NOTHING_PREPARED);
      return;
    }
    this.#state = state;
    // What is said is what was so before.
    if (!isBallot(this.#ballot)) {
      this.#reply("OK");
      return;
    }
    const promised = promiseTo(state, this.#ballot);
    if (promised === null) this.#reply("CONFLICT");
    else this.#parts.states.put(this.#key, promised, this);
  }

  onDurable(): void {
    this.#reply("OK");
  }

  #isSame(committed: Bytes | null): boolean {
    return bytesEqual(committed === null ? EMPTY_BYTES : headOf(committed), this.#head);
  }

  #reply(code: OutcomeCode): void {
    const { promised, accepted, origin, record } = this.#state;
    const committed = this.#committed;
    const same = this.#isSame(committed);
    const isFinished = record.length === 0 || contextDominates(contextOf(committed), contextOf(record));
    if (isFinished && record.length > 0) this.#parts.states.settle(this.#key, this.#state);
    this.#client.onPrepared(code, {
      promised,
      accepted,
      origin,
      unfinished: isFinished ? EMPTY_BYTES : record,
      same,
      committed: same || committed === null ? EMPTY_BYTES : committed,
    });
  }
}

class Acceptance implements RecordUser, AcceptorUser {
  readonly #parts: CasAcceptorParts;
  readonly #flags: number;
  readonly #storageKey: Bytes;
  readonly #key: Bytes;
  readonly #proposal: Proposal;
  readonly #client: AcceptorClient;

  constructor(
    parts: CasAcceptorParts,
    flags: number,
    storageKey: Bytes,
    proposal: Proposal,
    client: AcceptorClient,
  ) {
    this.#parts = parts;
    this.#flags = flags;
    this.#storageKey = storageKey;
    this.#key = acceptorKey(storageKey);
    this.#proposal = proposal;
    this.#client = client;
  }

  start(): void {
    if ((this.#flags & ACCEPT_UNPREPARED) === 0) this.#parts.states.withState(this.#key, this);
    else this.#parts.store.withEntry(this.#storageKey, false, this, 0);
  }

  /** What was written here since its proposer last asked must be in what it proposes. */
  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damaged) {
      this.#parts.healer.heal(entry, null);
      this.#client.onAccepted("DAMAGED", NO_BALLOT);
    } else if (contextDominates(contextOf(this.#proposal.record), contextOf(entry.committed)))
      this.#parts.states.withState(this.#key, this);
    else this.#client.onAccepted("CONDITION", NO_BALLOT);
  }

  onCommitted(): void {
    // No record is appended.
  }

  onState(state: AcceptorState | null): void {
    const isRepair = (this.#flags & ACCEPT_REPAIRS) !== 0;
    if (state === null && !isRepair) {
      this.#client.onAccepted("DAMAGED", NO_BALLOT);
      return;
    }
    const known = state ?? NEW_ACCEPTOR;
    const accepted = acceptInto(known, this.#proposal);
    if (accepted === null) this.#client.onAccepted("CONFLICT", known.promised);
    else if (isSecondValue(known, this.#proposal)) this.#alarm();
    else this.#parts.states.put(this.#key, accepted, this);
  }

  onDurable(): void {
    this.#client.onAccepted("OK", NO_BALLOT);
  }

  #alarm(): void {
    const { ballot } = this.#proposal;
    this.#parts.events.event(
      "error",
      "two-values-of-a-ballot",
      "a ballot came with two values; the second is refused",
      {
        ballot: ballotText(ballot),
      },
    );
    this.#client.onAccepted("INVALID", NO_BALLOT);
  }
}

function noteDamage(events: Events): void {
  const text =
    "what was promised for a key is damaged: this home takes no part in it until all others have promised";
  events.event("warn", "acceptor-damaged", text, {});
}

class RemoteProposer implements AcceptorClient {
  readonly #limits: Limits;
  readonly #path: ReplyPath;

  constructor({ peers, limits }: CasAcceptorParts, peer: MemberId, id: number) {
    this.#limits = limits;
    this.#path = new ReplyPath(peers, peer, id);
  }

  onPrepared(code: OutcomeCode, reply: PreparedReply): void {
    const larger = reply.committed.length > reply.unfinished.length ? reply.committed : reply.unfinished;
    const writer = this.#path.writer(laneFor(this.#limits, larger));
    if (writer !== null) encodePrepared(writer, this.#path.id, OUTCOMES[code].wire, reply);
  }

  onAccepted(code: OutcomeCode, promised: Ballot): void {
    const writer = this.#path.writer("foreground");
    if (writer !== null) encodeAccepted(writer, this.#path.id, OUTCOMES[code].wire, promised);
  }
}
