/**
 * What a proposer has heard from acceptors, and what follows from it. Rystsov, "CASPaxos", 2018, section 2.2, with records
 * in place of values: what is committed at the acceptors counts beside what they have accepted.
 */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import { type Ballot, NO_BALLOT, compareBallots } from "../paxos/ballot.ts";
import { mergeRecords } from "../version/reconcile.ts";
import type { PreparedReply } from "../wire/messages.ts";

export class Promises {
  #committed: Bytes | null = null;
  #allSame = true;
  #accepted: Ballot = NO_BALLOT;
  #origin: Ballot = NO_BALLOT;
  #unfinished: Bytes = EMPTY_BYTES;
  #hasUnfinished = false;

  /** `own`: the record whose head the acceptors were told. */
  constructor(own: Bytes | null) {
    this.#committed = own;
  }

  /** The highest ballot at which any of them has accepted something, and where that was first proposed. */
  get accepted(): Ballot {
    return this.#accepted;
  }

  get origin(): Ballot {
    return this.#origin;
  }

  /** By any of them, or this member. */
  get committed(): Bytes | null {
    return this.#committed;
  }

  /** What was accepted there; empty: nothing, or what is committed has seen it. */
  get unfinished(): Bytes {
    return this.#unfinished;
  }

  /** All hold the same record, and none has accepted what is not in it. */
  get isClean(): boolean {
    return this.#allSame && !this.#hasUnfinished;
  }

  /** Bytes are lent. */
  add({ accepted, origin, unfinished, same, committed }: PreparedReply): void {
    if (!same) {
      this.#allSame = false;
      if (committed.length > 0) this.#committed = mergeRecords(this.#committed, copyBytes(committed));
    }
    if (unfinished.length > 0) this.#hasUnfinished = true;
    if (compareBallots(accepted, this.#accepted) <= 0) return;
    this.#accepted = accepted;
    this.#origin = origin;
    this.#unfinished = unfinished.length === 0 ? EMPTY_BYTES : copyBytes(unfinished);
  }

  /** What is built on: the accepted record of the highest ballot, and of no other, with all that is committed. */
  base(): Bytes | null {
    const { length } = this.#unfinished;
    return length === 0 ? this.#committed : mergeRecords(this.#committed, this.#unfinished);
  }
}
