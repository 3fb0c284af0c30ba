/** One page of a member's own conflict ledger: the newest entries below a place, of all keys or of one. */
import { assert } from "../base/assert.ts";
import { keyHash } from "../base/byte-map.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { slotOf } from "../ring/slot.ts";
import { type ConflictPlace, conflictKey, recordKey } from "../storage/keyspace.ts";
import type { ConflictCursor, ConflictQuery, ConflictRow } from "../wire/messages.ts";
import type { IndexedConflict } from "./conflict-index.ts";
import type { ConflictLedger } from "./conflict-ledger.ts";

export interface ConflictPageUser {
  /** As in `MessageHandler.onConflictsPage`. Rows that cannot be read are left out. */
  onConflictPage(rows: readonly ConflictRow[], through: ConflictCursor | null): void;
}

export interface ConflictPageParts {
  readonly self: MemberId;
  readonly storage: Storage;
  readonly ledger: ConflictLedger;
  readonly limits: Limits;
}

const PAGE_BYTES_MAX = 1024 * 1024;
const NUMBER_END = 0x1_0000_0000;

export class ConflictPage implements StorageUser {
  readonly #parts: ConflictPageParts;
  readonly #query: ConflictQuery;
  readonly #user: ConflictPageUser;
  #items: readonly IndexedConflict[] = [];
  #through: ConflictCursor | null = null;
  readonly #rows = new Map<number, Bytes>();
  #open = 0;

  /** The query's key is kept. */
  constructor(parts: ConflictPageParts, query: ConflictQuery, user: ConflictPageUser) {
    this.#parts = parts;
    this.#query = query;
    this.#user = user;
  }

  start(): void {
    const { ledger } = this.#parts;
    ledger.readers++;
    ledger.whenCounted(() => this.#read());
  }

  onRows(
    tag: number,
    error: StorageError | null,
    _keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    const row = values[0] ?? null;
    if (error === null && row !== null) this.#rows.set(tag, row);
    if (--this.#open === 0) this.#answer();
  }

  onStored(): void {
    assert(false, "a page appends nothing");
  }

  #read(): void {
    const { ledger, limits, storage, self } = this.#parts;
    const { namespace, key, count, below } = this.#query;
    const asked = Math.min(count, limits.conflictPageMax);
    const isOneKey = key !== null && namespace !== 0;
    const hash = isOneKey ? keyHash(recordKey(slotOf(key), namespace, key)) : null;
    const found = ledger.index.below(ownPlace(below, self), hash, asked);
    let bytes = 0;
    const fitting = found.filter((item, at) => at === 0 || (bytes += item.bytes) <= PAGE_BYTES_MAX);
    this.#items = fitting;
    const last = fitting.at(-1);
    const isAll = found.length < asked && fitting.length === found.length;
    if (!isAll && last !== undefined)
      this.#through = { instant: last.instant, member: self, number: last.number };
    this.#open = fitting.length;
    if (fitting.length === 0) this.#answer();
    for (const [at, item] of fitting.entries()) storage.get(conflictKey(item), this, at);
  }

  #answer(): void {
    const rows = this.#items.flatMap(({ number }, at) => {
      const row = this.#rows.get(at);
      return row === undefined ? [] : [{ number, row }];
    });
    this.#parts.ledger.readers--;
    this.#user.onConflictPage(rows, this.#through);
  }
}

/** Where, among a member's own entries, those begin that are not below a place among all members'. */
function ownPlace(below: ConflictCursor | null, self: MemberId): ConflictPlace | null {
  if (below === null) return null;
  const { instant, member, number } = below;
  if (self === member) return { instant, number };
  return { instant, number: self < member ? NUMBER_END : 0 };
}
