/** An append of the record store that has not completed, and what is to be done then. */
import type { Bytes } from "../base/bytes.ts";
import type { Durability } from "../ports/storage.ts";
import type { KeyEntry, RecordUser } from "./key-entry.ts";

export class PendingAppend {
  readonly entry: KeyEntry;
  readonly record: Bytes;
  readonly durability: Durability;
  readonly user: RecordUser;
  readonly tag: number;
  readonly sequence: number;
  /** What the record lost on its way into the store is in the ledger, and in no record any more. */
  readonly drops: boolean;

  constructor(
    entry: KeyEntry,
    record: Bytes,
    durability: Durability,
    user: RecordUser,
    tag: number,
    sequence: number,
    drops: boolean,
  ) {
    this.entry = entry;
    this.record = record;
    this.durability = durability;
    this.user = user;
    this.tag = tag;
    this.sequence = sequence;
    this.drops = drops;
  }
}
