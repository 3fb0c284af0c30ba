/** The hints of a member as those see them who make them: coordinators, and a replica that stands in for a home. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { Healer } from "./record-merge.ts";

export interface HintKeeper {
  /** Records kept in place of homes, under keys of hints. No reader of the keys themselves ever looks here. */
  readonly copies: RecordStore;
  /** Of `copies`: nobody else holds them, so a damaged one is given up, and told of. */
  readonly healer: Healer;
  /** A home may lack what this member holds as another home. Durable no later than whatever is appended next. */
  refer(target: MemberId, storageKey: Bytes): void;
  /** `OK`, or why no record of so many bytes is kept in place of this home: then it must not be acknowledged. */
  admits(target: MemberId, storageKey: Bytes, bytes: number): OutcomeCode;
  /** The start of the run in which dots of this copy are minted; 0 when none has been minted since it is there. */
  runOf(hintKey: Bytes): number;
  setRun(hintKey: Bytes, start: number): void;
}
