/**
 * A page of replayed entries. Several entries of one key are folded into one, in order, so that the engine is read
 * once and written once for each key of a page.
 */
import { type ByteKeyed, ByteMap, keyHash } from "../base/byte-map.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";

/** Decides what a replayed put makes of what is there. */
export interface Resolver {
  /**
   * The value to store for a key: what merging `existing` (null: absent) with the journal's `incoming` gives, or
   * `incoming` where the last one wins. Must be idempotent: a replay may be cut and begin again.
   */
  resolve(key: Bytes, existing: Bytes | null, incoming: Bytes): Bytes;
  /**
   * Which other row says something of this one, and is not to be believed any more because `existing` makes no sense:
   * it is emptied. Null: none is.
   */
  doubted?(key: Bytes, existing: Bytes): Bytes | null;
}

/** For keys of which the last put wins. */
export const LAST_WINS: Resolver = { resolve: (_key, _existing, incoming) => incoming };

class PageRow implements ByteKeyed {
  readonly key: Bytes;
  readonly hash: number;
  /** A removal came first: what the engine holds no longer counts. */
  isCleared = false;
  puts: Bytes[] = [];

  constructor(key: Bytes, hash: number) {
    this.key = key;
    this.hash = hash;
  }
}

export class RecoveryPage {
  readonly #resolver: Resolver;
  #rows = new ByteMap<PageRow>();
  #bytes = 0;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  get rows(): number {
    return this.#rows.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  put(key: Bytes, value: Bytes): void {
    this.#row(key).puts.push(value);
    this.#bytes += key.length + value.length;
  }

  remove(key: Bytes): void {
    const row = this.#row(key);
    row.isCleared = true;
    row.puts = [];
    this.#bytes += key.length;
  }

  /** The keys whose values in the engine matter. */
  keysToRead(): Bytes[] {
    const keys: Bytes[] = [];
    for (const row of this.#rows) if (!row.isCleared) keys.push(row.key);
    return keys;
  }

  /** What to write, given the engine's values of `keysToRead`; the page is empty afterwards. */
  take(existing: readonly (Bytes | null)[]): { readonly keys: Bytes[]; readonly values: (Bytes | null)[] } {
    const keys: Bytes[] = [];
    const values: (Bytes | null)[] = [];
    const doubts: Bytes[] = [];
    let next = 0;
    for (const row of this.#rows) {
      let value = row.isCleared ? null : (existing[next++] ?? null);
      const doubted = value === null ? null : (this.#resolver.doubted?.(row.key, value) ?? null);
      if (doubted !== null) doubts.push(doubted);
      for (const put of row.puts) value = this.#resolver.resolve(row.key, value, put);
      keys.push(row.key);
      values.push(value);
    }
    // The last of a batch, so that it counts.
    for (const key of doubts) {
      keys.push(key);
      values.push(EMPTY_BYTES);
    }
    this.#rows = new ByteMap<PageRow>();
    this.#bytes = 0;
    return { keys, values };
  }

  #row(key: Bytes): PageRow {
    const hash = keyHash(key);
    const there = this.#rows.get(key, hash);
    if (there !== null) return there;
    const row = new PageRow(key, hash);
    this.#rows.set(row);
    return row;
  }
}
