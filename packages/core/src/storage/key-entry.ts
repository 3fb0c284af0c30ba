/** What a member has in memory of one key, and who waits for it. */
import type { ByteKeyed } from "../base/byte-map.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Durability } from "../ports/storage.ts";

export interface RecordUser {
  /** The key's state is in memory, and stays as it is until the call returns. Look at `damaged` first. */
  onEntry(tag: number, entry: KeyEntry): void;
  /** A record given to `put` is committed. */
  onCommitted(tag: number, durability: Durability): void;
}

/** Waits for a key to be read, or to be read whole, or to have nothing dropped under way. */
export interface Waiter {
  readonly user: RecordUser;
  readonly tag: number;
  readonly whole: boolean;
  readonly settled: boolean;
}

/** What is known of one key. */
export class KeyEntry implements ByteKeyed {
  readonly key: Bytes;
  readonly hash: number;
  /** False until the engine has answered once. */
  loaded = false;
  /** Which finding of damage it is, counted since the start; 0: the record is sound. */
  damage = 0;
  /** The newest record this member built or merged; whole, or its head; null: none. */
  latest: Bytes | null = null;
  /** The newest record whose append has completed; whole, or its head. */
  committed: Bytes | null = null;
  committedSequence = 0;
  pendingAppends = 0;
  pendingSyncs = 0;
  /** Appends under way of records that something was dropped from. */
  pendingDrops = 0;
  /** Its damaged record is being replaced; it counts as damaged until that is committed. */
  replacing = false;
  /** Somebody is being shown it, so it stays in the table. */
  shown = 0;
  reading = false;
  /** What was committed when the read under way was asked for. */
  readSequence = 0;
  /** Null: nobody. */
  waiters: Waiter[] | null = null;
  /** The caches do not have what is committed. */
  changed = false;

  constructor(key: Bytes, hash: number) {
    this.key = key;
    this.hash = hash;
  }

  get damaged(): boolean {
    return this.damage !== 0;
  }
}
