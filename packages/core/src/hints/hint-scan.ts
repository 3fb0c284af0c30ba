/** Reads the hints that a member's storage holds, once, page by page. */
import { assert } from "../base/assert.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { type HintKind, hintSpace, successorOf } from "../storage/keyspace.ts";

const PAGE_ROWS = 1_000;
const PAGE_BYTES = 1024 * 1024;
const KINDS: readonly HintKind[] = ["record", "reference"];

export interface HintScanUser {
  onHintRow(key: Bytes, row: Bytes): void;
  /** False: something could not be read. */
  onHintsRead(isWhole: boolean): void;
}

export class HintScan implements StorageUser {
  readonly #storage: Storage;
  readonly #user: HintScanUser;
  #isWhole = true;

  constructor(storage: Storage, user: HintScanUser) {
    this.#storage = storage;
    this.#user = user;
  }

  start(): void {
    this.#page(0, hintSpace("record").from);
  }

  onRows(
    tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    for (const [i, key] of keys.entries()) this.#user.onHintRow(key, values[i] ?? EMPTY_BYTES);
    const last = keys.at(-1);
    if (error !== null) this.#isWhole = false;
    const next = KINDS[tag + 1];
    if (error === null && more && last !== undefined) this.#page(tag, successorOf(last));
    else if (next !== undefined) this.#page(tag + 1, hintSpace(next).from);
    else this.#user.onHintsRead(this.#isWhole);
  }

  onStored(): void {
    assert(false, "a scan appends nothing");
  }

  #page(tag: number, from: Bytes): void {
    const { to } = hintSpace(KINDS[tag] ?? "reference");
    this.#storage.range(from, to, PAGE_ROWS, PAGE_BYTES, this, tag);
  }
}
