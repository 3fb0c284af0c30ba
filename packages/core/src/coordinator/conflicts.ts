/** What a face asks of the conflict ledgers of all members, and what it gets. */
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Conflict } from "../storage/conflict-row.ts";
import type { ConflictCursor, ConflictQuery } from "../wire/messages.ts";

/** `count` is 1 to `conflictPageMax`. The key belongs to the member until the answer. */
export interface ConflictsRequest extends ConflictQuery {
  readonly timeoutMs: number;
}

/** An entry, and whose ledger it stands in. Other members may have dropped the same version too. */
export interface FoundConflict extends Conflict {
  readonly member: MemberId;
  readonly number: number;
}

export interface ConflictsPage {
  /** OVERLOADED: nothing was looked for. */
  readonly code: OutcomeCode;
  /** The newest first. */
  readonly entries: readonly FoundConflict[];
  /** Members that could not be asked, or have not answered in time. */
  readonly unasked: readonly MemberId[];
  /** Ask again below this place for more; null: there is no more. */
  readonly next: ConflictCursor | null;
}

export interface ConflictsUser {
  onConflicts(tag: number, page: ConflictsPage): void;
}
