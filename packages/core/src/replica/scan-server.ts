/**
 * A home's side of a scan: one page of the heads that this member has committed, in the order of their storage keys.
 * One read of the engine for a page and no more, so a page costs the same whatever it finds.
 */
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES, compareBytes, copyBytes } from "../base/bytes.ts";
import { assert } from "../base/assert.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { isRecordKey, namespaceOfRecordKey, successorOf } from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import { headOf, isRecord } from "../version/record.ts";
import { putScanRow } from "../wire/scan-rows.ts";

/** A page ends when its rows take this much: it travels among requests, and must not sit in front of them. */
const REPLY_BYTES_MAX = 48 * 1024;

export interface ScanPageRequest {
  /** Null: all. */
  readonly namespace: NamespaceId | null;
  /** A storage key. Kept. */
  readonly from: Bytes;
  /** The page ends before this one. Kept. */
  readonly to: Bytes;
  readonly rows: number;
}

export interface ScanPageUser {
  /** As SCANNED. Never called inside `read`. */
  onScanPage(tag: number, code: OutcomeCode, next: Bytes, rows: Bytes): void;
}

export class ScanServer {
  readonly #storage: Storage;
  readonly #store: RecordStore;
  readonly #limits: Limits;
  #pages = 0;

  constructor(storage: Storage, store: RecordStore, limits: Limits) {
    this.#storage = storage;
    this.#store = store;
    this.#limits = limits;
  }

  /** `OK`: the user will be answered. Otherwise why not, and he will not. */
  read(request: ScanPageRequest, user: ScanPageUser, tag: number): OutcomeCode {
    const { from, to, rows } = request;
    if (!isRecordKey(from) || compareBytes(from, to) >= 0 || rows === 0) return "INVALID";
    if (this.#pages >= this.#limits.scansMax) return "OVERLOADED";
    this.#pages++;
    const { scanPageRowsMax, scanPageBytesMax } = this.#limits;
    const page = new ScanPage(this.#store, request.namespace, user, tag, () => void this.#pages--);
    const rowsMax = Math.min(rows, scanPageRowsMax);
    this.#storage.range(from, to, rowsMax, scanPageBytesMax, page, 0);
    return "OK";
  }
}

class ScanPage implements StorageUser {
  readonly #store: RecordStore;
  readonly #namespace: NamespaceId | null;
  readonly #user: ScanPageUser;
  readonly #tag: number;
  readonly #onEnd: () => void;

  constructor(
    store: RecordStore,
    namespace: NamespaceId | null,
    user: ScanPageUser,
    tag: number,
    onEnd: () => void,
  ) {
    this.#store = store;
    this.#namespace = namespace;
    this.#user = user;
    this.#tag = tag;
    this.#onEnd = onEnd;
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    this.#onEnd();
    if (error !== null) {
      this.#user.onScanPage(this.#tag, "DAMAGED", EMPTY_BYTES, EMPTY_BYTES);
      return;
    }
    const out = new ByteWriter(4096);
    const last = keys.at(-1);
    let next = more && last !== undefined ? successorOf(last) : EMPTY_BYTES;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const stored = values[i] ?? null;
      if (key === undefined || stored === null) continue;
      if (out.length >= REPLY_BYTES_MAX) {
        next = copyBytes(key);
        break;
      }
      if (this.#namespace === null || namespaceOfRecordKey(key) === this.#namespace)
        this.#add(out, key, stored);
    }
    this.#user.onScanPage(this.#tag, "OK", next, out.view());
  }

  onStored(): void {
    assert(false, "a scan appends nothing");
  }

  /** What memory knows of a key goes before what the engine showed: that may not be committed yet. */
  #add(out: ByteWriter, key: Bytes, stored: Bytes): void {
    const entry = this.#store.peek(key);
    if (entry === null || !entry.loaded) putScanRow(out, key, isRecord(stored) ? headOf(stored) : null);
    else if (entry.damaged) putScanRow(out, key, null);
    else if (entry.committed !== null) putScanRow(out, key, headOf(entry.committed));
  }
}
