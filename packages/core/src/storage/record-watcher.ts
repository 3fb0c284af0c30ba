/** Who wants to know of every change of what a member has committed. */
import type { Bytes } from "../base/bytes.ts";

export interface RecordWatcher {
  /**
   * A record of this key (null: its removal) is appended next, in this same turn: what must be on disk before it goes
   * first.
   */
  onAppending(storageKey: Bytes, record: Bytes | null): void;
  /**
   * An append of this key has completed. `before` and `after`: what was committed until now, and is from now on (whole
   * or heads, null: none); the same object where something newer had completed earlier.
   */
  onAppended(storageKey: Bytes, before: Bytes | null, after: Bytes | null): void;
  /** The stored record was found damaged, or that is forgotten: nobody knows any more what is committed. */
  onDamaged(storageKey: Bytes): void;
}

export const NOBODY: RecordWatcher = {
  onAppending: () => undefined,
  onAppended: () => undefined,
  onDamaged: () => undefined,
};
