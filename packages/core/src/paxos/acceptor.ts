/**
 * What an acceptor decides, as functions of its state. Rystsov, "CASPaxos: Replicated State Machines without logs", 2018,
 * section 2.2; Lamport, "Paxos Made Simple", 2001. A state that is returned is to be durable before it is answered for.
 */
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import type { AcceptorState } from "./acceptor-row.ts";
import { type Ballot, compareBallots, isBallot } from "./ballot.ts";

/** A record that is to become the value of a key. */
export interface Proposal {
  readonly ballot: Ballot;
  /** Where the record was first proposed: `ballot`, or that of a proposer whose round this one finishes. */
  readonly origin: Ballot;
  readonly record: Bytes;
  /** Promised along with it, so that its proposer need not prepare the next time; `NO_BALLOT`: nothing. */
  readonly next: Ballot;
}

/** Null: a higher ballot, or this very one, has been promised. */
export function promiseTo(state: AcceptorState, ballot: Ballot): AcceptorState | null {
  return compareBallots(ballot, state.promised) > 0 ? { ...state, promised: ballot } : null;
}

/** Null: a higher ballot has been promised. */
export function acceptInto(state: AcceptorState, proposal: Proposal): AcceptorState | null {
  const { ballot, origin, record, next } = proposal;
  if (compareBallots(ballot, state.promised) < 0) return null;
  const promised = isBallot(next) ? next : ballot;
  return { promised, accepted: ballot, origin, record };
}

/** Whether another record was accepted at the very same ballot, which no proposer of ours does. One let go is not compared. */
export function isSecondValue(state: AcceptorState, { ballot, record }: Proposal): boolean {
  if (compareBallots(state.accepted, ballot) !== 0 || state.record.length === 0) return false;
  return !bytesEqual(state.record, record);
}
