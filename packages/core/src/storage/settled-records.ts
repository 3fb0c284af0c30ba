/**
 * What is in memory of keys that nobody uses: what is committed, as bytes. Whole records in the one cache, heads
 * (contexts and dots) of more keys in the other. A whole record that makes room for others leaves its head.
 */
import { ByteCache, type EvictionUser } from "../base/byte-cache.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { transientCopy } from "../base/transient-bytes.ts";
import { sameRecord } from "../version/reconcile.ts";
import { headOf, isHeadOnly } from "../version/record.ts";
import type { KeyEntry } from "./key-entry.ts";

export interface RecordCacheLimits {
  /** Of whole records, with their keys. */
  readonly valueCacheBytesMax: number;
  /** Of heads, as many as there is room for at `HEAD_BYTES` each; and of keys whose damage is remembered. */
  readonly contextCacheEntriesMax: number;
}

/** What a head takes with a short key and the dots of three members. */
const HEAD_BYTES = 112;

export class SettledRecords implements EvictionUser {
  readonly #values: ByteCache;
  /** Empty: the key has no record. */
  readonly #heads: ByteCache;

  constructor(limits: RecordCacheLimits) {
    this.#values = new ByteCache(limits.valueCacheBytesMax, this);
    this.#heads = new ByteCache(limits.contextCacheEntriesMax * HEAD_BYTES, null);
  }

  get size(): number {
    return this.#values.size + this.#heads.size;
  }

  /** Of whole records, without their keys. */
  get valueBytes(): number {
    return this.#values.valueBytes;
  }

  /** Loads an entry that was made for its key just now, if there is something; unless `whole`, a head will do. */
  recall(entry: KeyEntry, whole: boolean): void {
    const { key, hash } = entry;
    const place = this.#values.find(key, hash);
    if (place >= 0) {
      const record = this.#values.view(place);
      entry.committed = transientCopy(whole ? record : headOf(record));
      // What is read again and again is put in again before it goes.
      entry.changed = whole && this.#values.isOld(place);
    } else {
      const headPlace = this.#heads.find(key, hash);
      if (headPlace < 0) return;
      const head = this.#heads.view(headPlace);
      entry.committed = head.length === 0 ? null : transientCopy(head);
      entry.changed = this.#heads.isOld(headPlace);
    }
    entry.latest = entry.committed;
    entry.loaded = true;
  }

  /** Of the committed record of an entry there is only the head; it may be here whole. */
  complete(entry: KeyEntry): void {
    const { committed } = entry;
    const place = this.#values.find(entry.key, entry.hash);
    const record = place < 0 ? null : this.#values.view(place);
    if (record === null || !sameRecord(record, committed)) return;
    entry.committed = transientCopy(record);
    if (entry.latest === committed) entry.latest = entry.committed;
  }

  /** Takes what is committed of an entry that nobody uses any more. */
  keep({ key, hash, committed }: KeyEntry): void {
    if (committed !== null && !isHeadOnly(committed) && this.#values.put(key, hash, committed)) {
      this.#heads.remove(key, hash);
      return;
    }
    this.#values.remove(key, hash);
    this.#heads.put(key, hash, committed === null ? EMPTY_BYTES : headOf(committed));
  }

  /** What is here is not to be believed. */
  forget({ key, hash }: KeyEntry): void {
    this.#values.remove(key, hash);
    this.#heads.remove(key, hash);
  }

  onEvicted(key: Bytes, hash: number, record: Bytes): void {
    this.#heads.put(key, hash, headOf(record));
  }
}
