/** An append of the record store that has not completed, and what is to be done then. Its object is used again. */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Durability } from "../ports/storage.ts";
import type { KeyEntry, RecordUser } from "./key-entry.ts";

export class PendingAppend {
  /** Null: it has completed, and the object is free. */
  entry: KeyEntry | null = null;
  /** Empty: a removal. */
  record: Bytes = EMPTY_BYTES;
  durability: Durability = "fsync";
  user: RecordUser | null = null;
  tag = 0;
  sequence = 0;
  /** What the record lost on its way into the store is in the ledger, and in no record any more. */
  drops = false;

  /** It keeps nothing alive. */
  clear(): void {
    this.entry = null;
    this.record = EMPTY_BYTES;
    this.user = null;
  }
}
