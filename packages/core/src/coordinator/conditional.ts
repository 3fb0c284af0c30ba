/** What a face hands to a member for a conditional write or a serial read, and what it gets back. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { ForwardedConditional } from "../wire/messages.ts";
import type { GetResult, Receipt } from "./request.ts";

/**
 * If the condition holds the change is made, else nothing is. Linearizable per key among all conditional writes and
 * serial reads, which are those that change nothing:
 *
 * - `condition`: `none`; `absent`, `present`: no live value, or some; `context`: the key is what the token in `operand`
 *   says, no more and no less; `value`, `digest`: the one live value is `operand`, or has that digest (XXH3 in 16
 *   hexadecimal digits); `not-value`, `not-digest`: it is another one, or there is none.
 * - `change`: `none`; `put` of `value`; `delete`; `increment` of a whole number of 64 bits by the one in `value`;
 *   `increment-float`; `append` of `value`; `set-range`: `value` from `offset` on, zeros before; `touch`: the value stays
 *   and gets another time to live. What is built on a value that is not there begins with none; `touch` does nothing then.
 * - Several live siblings have no one value: conditions on it and changes built on it end in `CONFLICT`.
 */
export interface ConditionalRequest extends ForwardedConditional {
  readonly timeoutMs: number;
}

export interface ConditionalUser {
  /** Once, possibly inside the call, at the latest at the deadline. */
  onConditional(tag: number, result: ConditionalResult): void;
}

export interface ConditionalResult {
  /** `OK`: the condition held, and the change was made. `CONDITION`: it did not. */
  readonly code: OutcomeCode;
  readonly text: string;
  /** A live value was there before. */
  readonly existed: boolean;
  /** What was wanted of the value, whether the condition held or not; null: there was none. */
  readonly bytes: Bytes | null;
  /** The record that was found, when that was wanted, and on `CONDITION`: who asked can go on from it. */
  readonly read: GetResult | null;
  /** When asked for and something was written. `clock` of its dot grows with every conditional write of the key. */
  readonly receipt: Receipt | null;
}
