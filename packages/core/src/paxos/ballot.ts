/**
 * Ballots: the order in which proposers of one key take precedence. A proposer mints one from its clock, which never
 * gives the same instant twice, so no two proposals have the same. A ballot also names the epoch of the topology by
 * which its proposer knows the acceptors: those of another epoch are no majority of these.
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch } from "../model/topology.ts";

export interface Ballot {
  readonly epoch: Epoch;
  /** A clock (HLC). */
  readonly clock: number;
  readonly member: MemberId;
}

/** Below every ballot. */
export const NO_BALLOT: Ballot = { epoch: 0, clock: 0, member: 0 };

export const BALLOT_BYTES = 16;

export function isBallot(ballot: Ballot): boolean {
  return ballot.clock !== 0;
}

/** Negative, zero or positive. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.epoch - b.epoch || a.clock - b.clock || a.member - b.member;
}

/** Epoch u32, clock u64, member u32. */
export function writeBallot(writer: ByteWriter, { epoch, clock, member }: Ballot): void {
  writer.u32(epoch);
  writer.u64(clock);
  writer.u32(member);
}

export function readBallot(reader: ByteReader): Ballot {
  const ballot = { epoch: reader.u32(), clock: reader.u64(), member: reader.u32() };
  return ballot.clock === 0 && ballot.epoch === 0 && ballot.member === 0 ? NO_BALLOT : ballot;
}

/** For people: `epoch.clock.member`; `-` for none. */
export function ballotText({ epoch, clock, member }: Ballot): string {
  return clock === 0 ? "-" : `${epoch}.${clock}.${member}`;
}
