/**
 * Makes one answer of a scan out of live keys as they come, in the order of their storage keys. A bucket goes into
 * the answer only when all of it is known, so an answer always ends where a cursor can point; of a bucket larger than
 * `bucketKeysMax` the keys with the lowest second hashes go, and the cursor points at the next of them.
 */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { keyOfRecordKey } from "../storage/keyspace.ts";
import { SUBS, bucketOf, cursorOf, placeOfCursor, subOf } from "./scan-cursor.ts";

interface OpenKey {
  readonly key: Bytes;
  readonly sub: number;
}

export class ScanCollector {
  readonly keys: Bytes[] = [];
  readonly #count: number;
  readonly #keyBytesMax: number;
  readonly #bucketKeysMax: number;
  readonly #began: number;
  #keyBytes = 0;
  #bucket: number;
  #sub: number;
  /** Live keys of the bucket that is not known to its end. */
  #open: OpenKey[] = [];
  /** Keys of it from this second hash on are left for a later answer. */
  #cut = SUBS;
  #isFull = false;
  #isCrowded = false;

  constructor(cursor: number, count: number, keyBytesMax: number, bucketKeysMax: number) {
    const { bucket, sub } = placeOfCursor(cursor);
    this.#began = cursor;
    this.#bucket = bucket;
    this.#sub = sub;
    this.#count = count;
    this.#keyBytesMax = keyBytesMax;
    this.#bucketKeysMax = bucketKeysMax;
  }

  /** The answer takes no more keys. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** More keys than can be kept in hand have both hashes in common: no cursor leads between them. */
  get isCrowded(): boolean {
    return this.#isCrowded;
  }

  /** Where the next answer begins. */
  get cursor(): number {
    return cursorOf({ bucket: this.#bucket, sub: this.#sub });
  }

  /** Whether an answer that ends now is a step forward. */
  get hasMoved(): boolean {
    return this.cursor > this.#began;
  }

  /** How many keys are still asked for. */
  get wanted(): number {
    return Math.max(0, this.#count - this.keys.length - this.#open.length);
  }

  /** A live key. Those of lower buckets have all been offered. */
  offer(storageKey: Bytes): void {
    this.reach(bucketOf(storageKey));
    if (this.#isFull) return;
    const key = keyOfRecordKey(storageKey);
    const sub = subOf(key);
    if (sub < this.#sub || sub >= this.#cut) return;
    this.#open.push({ key: copyBytes(key), sub });
    if (this.#open.length > this.#bucketKeysMax) this.#trim();
  }

  /** All keys of lower buckets have been offered. */
  reach(bucket: number): void {
    if (this.#isFull || bucket <= this.#bucket) return;
    for (const { key } of this.#open) {
      this.keys.push(key);
      this.#keyBytes += key.length;
    }
    this.#open = [];
    if (this.#cut < SUBS) {
      this.#sub = this.#cut;
      this.#isFull = true;
      return;
    }
    this.#bucket = bucket;
    this.#sub = 0;
    this.#isFull = this.keys.length >= this.#count || this.#keyBytes >= this.#keyBytesMax;
  }

  /** Keeps the lowest second hashes; keys that share one stay together. */
  #trim(): void {
    this.#open.sort((a, b) => a.sub - b.sub);
    this.#cut = this.#open[this.#bucketKeysMax]?.sub ?? SUBS;
    const kept = this.#open.filter(({ sub }) => sub < this.#cut);
    if (kept.length === 0) {
      this.#isCrowded = true;
      this.#isFull = true;
    }
    this.#open = kept;
  }
}
