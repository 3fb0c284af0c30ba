/**
 * Durable storage of one member as the replica sees it: an ordered map with group-committed appends.
 *
 * - Every call is answered once, never inside the call itself.
 * - `append` is atomic and takes effect in call order. Its completion comes in call order among appends of the
 *   same durability. `fsync`: it survives a power cut. `os`: it survives the death of the process.
 * - Keys and values handed in belong to the storage until the completion and must not change.
 * - `getMany` and `range` see every append that has *completed*, and may see one that has not: whoever must not
 *   serve uncommitted data keeps the overlay (the record store does).
 * - After a failed write or fsync the storage reports `fatal` through Events and answers nothing more, ever.
 */
import type { Bytes } from "../base/bytes.ts";

export type Durability = "fsync" | "os";

export interface StorageError {
  readonly code: string;
  readonly text: string;
}

export interface StorageUser {
  /** An append or a flush has ended. */
  onStored(tag: number, error: StorageError | null): void;
  /** As for the engine: `values[i]` is null where `keys[i]` is absent. */
  onRows(
    tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void;
}

/** Cached numbers, read without I/O. */
export interface StorageSizes {
  readonly journalBytes: number;
  readonly journalSegments: number;
  /** Appends that wait for a round or for the round in flight. */
  readonly queuedAppends: number;
  readonly rounds: number;
  readonly syncs: number;
  /** Rounds whose engine batch has not been applied yet. */
  readonly engineLag: number;
}

export interface Storage {
  /** One put (`value`) or removal (null). The key and value are given to the storage until completion. */
  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void;
  /** Point reads; all of one turn are sent to the engine together at `onTurnEnd`. */
  get(key: Bytes, user: StorageUser, tag: number): void;
  /** One page of `from <= key < to`, ascending. */
  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: StorageUser, tag: number): void;
  /** Removes `from <= key < to`, in order with appends, durably (`fsync`). */
  deleteRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void;
  /** Completes when everything appended before is in the engine's own durable files. */
  flush(user: StorageUser, tag: number): void;
  /** End of a burst of inputs: start a journal round if none is in flight, send the collected reads. */
  onTurnEnd(): void;
  sizes(): StorageSizes;
}
