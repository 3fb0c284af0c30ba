/**
 * A round: what one write and at most one datasync of the journal take care of, and what the engine then gets as
 * one batch. Rounds are pooled and their arrays reused, so that an entry costs a few array cells and no object.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Durability, StorageUser } from "../ports/storage.ts";
import { entryBytes, ROUND_HEADER_BYTES, type RoundContents } from "./round-codec.ts";

export class Round implements RoundContents {
  /** Given when the round is written; rounds are numbered from 1 without gaps. */
  sequence = 0;
  readonly keys: Bytes[] = [];
  readonly values: (Bytes | null)[] = [];
  readonly ranges: number[] = [];
  bytes = ROUND_HEADER_BYTES;
  /** The flushed-through mark it was written with. */
  flushedThrough = 0;
  /** Whether it ends with a datasync. */
  needsSync = false;
  /** The operating system has it. */
  isWritten = false;
  /** The journal has done all it was asked to do. */
  isJournalled = false;
  /** Engine calls of this round that have not been answered. */
  enginePending = 0;
  isApplied = false;
  readonly #users: StorageUser[] = [];
  readonly #tags: number[] = [];
  readonly #syncs: boolean[] = [];
  #areWrittenAnswered = false;

  get count(): number {
    return this.keys.length;
  }

  add(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    this.keys.push(key);
    this.values.push(value);
    this.#users.push(user);
    this.#tags.push(tag);
    const sync = durability === "fsync";
    this.#syncs.push(sync);
    if (sync) this.needsSync = true;
    this.bytes += entryBytes(key, value);
  }

  addRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void {
    this.ranges.push(this.keys.length);
    this.add(from, to, "fsync", user, tag);
  }

  /** Answers the entries that only had to reach the operating system, once. */
  answerWritten(): void {
    if (this.#areWrittenAnswered) return;
    this.#areWrittenAnswered = true;
    this.#answer(false);
  }

  answerSynced(): void {
    if (this.needsSync) this.#answer(true);
  }

  clear(): void {
    this.sequence = 0;
    this.keys.length = 0;
    this.values.length = 0;
    this.ranges.length = 0;
    this.bytes = ROUND_HEADER_BYTES;
    this.flushedThrough = 0;
    this.needsSync = false;
    this.isWritten = false;
    this.isJournalled = false;
    this.enginePending = 0;
    this.isApplied = false;
    this.#users.length = 0;
    this.#tags.length = 0;
    this.#syncs.length = 0;
    this.#areWrittenAnswered = false;
  }

  #answer(sync: boolean): void {
    for (let i = 0; i < this.#users.length; i++) {
      if (this.#syncs[i] === sync) this.#users[i]?.onStored(this.#tags[i] ?? 0, null);
    }
  }
}
