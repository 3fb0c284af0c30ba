/**
 * The run of conditional writes. Whatever was chosen for a key is one chain: each write was built on the one before it, on
 * whichever member. So their dots belong to one run of the key, which no member owns, and a claim on it up to a clock
 * says that all conditional writes up to there were seen. A dot of a member's own run would not do: a plain write of
 * that member claims its run up to there, and a conditional write that was proposed and not yet chosen would count as
 * seen.
 */
import type { Dot } from "./dot.ts";

/** The highest id: no member of a topology has it. */
export const CAS_MEMBER = 0xffff_ffff;
const CAS_START = 1;

/** The dot of a conditional write that was minted at this clock. */
export function casDot(clock: number): Dot {
  return { member: CAS_MEMBER, start: CAS_START, clock };
}
