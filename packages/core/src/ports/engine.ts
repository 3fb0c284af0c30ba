/**
 * The ordered key-value engine under the journal (RocksDB in production, memory in the simulator and in tests).
 * It may forget whatever was written since the last completed `flush` when the power goes; the journal covers
 * that. Keys are ordered by unsigned bytes.
 *
 * - Every call is answered once, never inside the call itself. Writes are applied in call order.
 * - Bytes handed in are lent until the completion; bytes handed out belong to the receiver.
 */
import type { Bytes } from "../base/bytes.ts";

export interface EngineError {
  readonly code: string;
  readonly text: string;
}

export interface EngineUser {
  /** A write, range removal or flush has ended. */
  onEngine(tag: number, error: EngineError | null): void;
  /**
   * Answers `getMany` (values in the order of the keys asked, null where absent; `keys` is what was asked) and
   * `range` (`more` says that the page ended before the range did).
   */
  onRows(
    tag: number,
    error: EngineError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void;
}

export interface Engine {
  /** Atomic. `values[i] === null` removes `keys[i]`. */
  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void;
  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void;
  /** One page of `from <= key < to`, ascending, of at most `rowsMax` rows and about `bytesMax` bytes (one row at least). */
  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void;
  /** Removes `from <= key < to`, ordered with writes. */
  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void;
  /** When it completes without error, everything written before the call survives a power cut. */
  flush(user: EngineUser, tag: number): void;
}
