/** What a face asks when all homes of all keys are to be compared, and what it gets back, a stretch at a time. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";

export interface VerifyRequest {
  readonly namespace: NamespaceId;
  /** Where to go on: `next` of an earlier answer, of any member; null: at the beginning. */
  readonly from: Bytes | null;
  /** Keys after which an answer ends, about. */
  readonly count: number;
  readonly timeoutMs: number;
}

/** A key that its homes do not hold alike, and did not a moment later either. */
export interface KeyDifference {
  readonly key: Bytes;
  /** Homes with the same record, together. */
  readonly groups: readonly (readonly MemberId[])[];
  /** Hold nothing of it. */
  readonly missing: readonly MemberId[];
  /** Hold a record that fails its checksum. */
  readonly damaged: readonly MemberId[];
}

/** A home that could not be asked about some of the stretch. */
export interface UnaskedHome {
  readonly member: MemberId;
  /** `QUORUM`: it cannot be reached; `TIMEOUT`, `OVERLOADED`, `DAMAGED`: it did not or could not answer. */
  readonly code: OutcomeCode;
}

export interface VerifyPage {
  readonly code: OutcomeCode;
  /** Keys of which some home holds a record, deleted ones too, and those of them for which all homes were asked. */
  readonly keys: number;
  readonly compared: number;
  /** Keys that differ, and some of them. */
  readonly different: number;
  readonly differences: readonly KeyDifference[];
  readonly unasked: readonly UnaskedHome[];
  /** All before it is done; null: all is. */
  readonly next: Bytes | null;
}

export interface VerifyUser {
  onVerified(tag: number, page: VerifyPage): void;
}
