/** Reads a member's conflict ledger once, page by page, to know what is in it. */
import { assert } from "../base/assert.ts";
import { keyHash } from "../base/byte-map.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { decodeConflict } from "../storage/conflict-row.ts";
import { conflictSpace, placeOfConflictKey, recordKey } from "../storage/keyspace.ts";
import { slotOf } from "../ring/slot.ts";
import type { IndexedConflict } from "./conflict-index.ts";

const PAGE_ROWS = 512;
const PAGE_BYTES = 1024 * 1024;

export class ConflictScan implements StorageUser {
  readonly #storage: Storage;
  readonly #ended: (items: readonly IndexedConflict[]) => void;
  readonly #items: IndexedConflict[] = [];

  /** `ended` gets what is on disk, the oldest first: damaged rows too, so that they take up room until they go. */
  constructor(storage: Storage, ended: (items: readonly IndexedConflict[]) => void) {
    this.#storage = storage;
    this.#ended = ended;
  }

  start(): void {
    this.#page(conflictSpace().from);
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    for (const [i, key] of keys.entries()) {
      const place = placeOfConflictKey(key);
      if (place === null) continue;
      const row = values[i] ?? EMPTY_BYTES;
      const conflict = decodeConflict(row);
      const bytes = key.length + row.length;
      const about =
        conflict === null ? EMPTY_BYTES : recordKey(slotOf(conflict.key), conflict.namespace, conflict.key);
      this.#items.push({
        ...place,
        keyHash: keyHash(about),
        bytes,
        clock: conflict?.dot.clock ?? 0,
        beatenBy: conflict?.kind === "concurrent" ? conflict.winner.clock : 0,
      });
    }
    const last = keys.at(-1);
    // What cannot be read now is not counted; the member's records have nothing to do with it.
    if (error === null && more && last !== undefined) this.#page(afterKey(last));
    else this.#ended(this.#items);
  }

  onStored(): void {
    assert(false, "a scan appends nothing");
  }

  #page(from: Bytes): void {
    this.#storage.range(from, conflictSpace().to, PAGE_ROWS, PAGE_BYTES, this, 0);
  }
}

/** The least key above this one. */
function afterKey(key: Bytes): Bytes {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
