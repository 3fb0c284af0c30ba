/**
 * What an acceptor knows of keys, above the Storage port. A state changes in memory when that is decided and is durable
 * when its append has ended; whoever answers for it waits for that. A row that fails its check is *damaged*: nobody knows
 * what it had promised, so it takes part in nothing until it is replaced.
 */
import { assert } from "../base/assert.ts";
import { ByteCache } from "../base/byte-cache.ts";
import { ByteMap, type ByteKeyed, keyHash } from "../base/byte-map.ts";
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import { SlotTable } from "../base/slot-table.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import {
  type AcceptorState,
  NEW_ACCEPTOR,
  decodeAcceptorRow,
  encodeAcceptorRow,
} from "../paxos/acceptor-row.ts";

export interface AcceptorUser {
  /** The state is in memory. Null: it is damaged, or could not be read. */
  onState(state: AcceptorState | null): void;
  /** What was put is durable. */
  onDurable(): void;
}

class Place implements ByteKeyed {
  readonly key: Bytes;
  readonly hash: number;
  loaded = false;
  /** Null: damaged. */
  state: AcceptorState | null = NEW_ACCEPTOR;
  /** The state's; empty: none. */
  row: Bytes = EMPTY_BYTES;
  pending = 0;
  waiters: AcceptorUser[] = [];

  constructor(key: Bytes, hash: number) {
    this.key = key;
    this.hash = hash;
  }
}

interface Append {
  readonly place: Place;
  readonly user: AcceptorUser;
  readonly bytes: number;
}

const LOAD = 0;

export class AcceptorStore implements StorageUser {
  readonly #storage: Storage;
  /** Of keys that are being read or appended. */
  readonly #places = new ByteMap<Place>();
  /** Rows of others; empty: the key has none. */
  readonly #cache: ByteCache;
  readonly #appends = new SlotTable<Append>();
  #pendingBytes = 0;
  #waiting = 0;

  constructor(storage: Storage, cacheBytesMax: number) {
    this.#storage = storage;
    this.#cache = new ByteCache(cacheBytesMax, null);
  }

  /** Appends that have not ended, and bytes in them. */
  get pending(): number {
    return this.#appends.size;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Callers that wait for a row to be read. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Calls `user.onState`, at once when it is in memory. The key is kept. */
  withState(key: Bytes, user: AcceptorUser): void {
    const hash = keyHash(key);
    const place = this.#places.get(key, hash);
    if (place === null) {
      this.#load(key, hash, user);
      return;
    }
    if (place.loaded) user.onState(place.state);
    else this.#wait(place, user);
  }

  /** Makes a state the key's, and appends it; `user.onDurable` follows. In the same call as `onState`. */
  put(key: Bytes, state: AcceptorState, user: AcceptorUser): void {
    const hash = keyHash(key);
    const place = this.#places.get(key, hash) ?? this.#file(key, hash);
    assert(place.waiters.length === 0 || place.loaded, "a state is built on what is known");
    place.loaded = true;
    place.state = state;
    place.pending++;
    place.row = encodeAcceptorRow(state);
    this.#pendingBytes += place.row.length;
    const tag = this.#appends.insert({ place, user, bytes: place.row.length });
    this.#storage.append(key, place.row, "fsync", this, tag);
  }

  /**
   * What was accepted is in a record that is committed here: the row need not hold it beside. It is dropped from what is
   * remembered now, and from the disk with the next promise. Nothing is done while the key is read or appended: `state`
   * may be older than what is being written.
   */
  settle(key: Bytes, state: AcceptorState): void {
    const hash = keyHash(key);
    if (this.#places.get(key, hash) === null)
      this.#cache.put(key, hash, encodeAcceptorRow({ ...state, record: EMPTY_BYTES }));
  }

  /** What is remembered of the key may rest on a record that is lost: the disk has the whole. */
  forget(key: Bytes): void {
    this.#cache.remove(key, keyHash(key));
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    const key = keys[0] ?? EMPTY_BYTES;
    const place = this.#places.get(key, keyHash(key));
    if (place === null || place.loaded) return;
    const row = values[0] ?? null;
    place.loaded = true;
    if (row !== null) place.row = copyBytes(row);
    place.state = error === null ? stateOf(place.row) : null;
    const { waiters } = place;
    place.waiters = [];
    this.#waiting -= waiters.length;
    for (const waiter of waiters) waiter.onState(place.state);
    this.#settle(place);
  }

  onStored(tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
    const append = this.#appends.get(tag);
    assert(append !== null, "an append completes once");
    this.#appends.remove(tag);
    const { place, user, bytes } = append;
    this.#pendingBytes -= bytes;
    place.pending--;
    user.onDurable();
    this.#settle(place);
  }

  #load(key: Bytes, hash: number, user: AcceptorUser): void {
    const cached = this.#cache.find(key, hash);
    if (cached < 0) {
      this.#wait(this.#file(key, hash), user);
      this.#storage.get(key, this, LOAD);
      return;
    }
    user.onState(stateOf(copyBytes(this.#cache.view(cached))));
  }

  #wait(place: Place, user: AcceptorUser): void {
    place.waiters.push(user);
    this.#waiting++;
  }

  #file(key: Bytes, hash: number): Place {
    const place = new Place(key, hash);
    this.#places.set(place);
    return place;
  }

  /** A damaged row is read again the next time. */
  #settle({ key, hash, loaded, state, row, pending }: Place): void {
    if (pending > 0 || !loaded) return;
    this.#places.delete(key, hash);
    if (state === null) this.#cache.remove(key, hash);
    else this.#cache.put(key, hash, row);
  }
}

function stateOf(row: Bytes): AcceptorState | null {
  return row.length === 0 ? NEW_ACCEPTOR : decodeAcceptorRow(row);
}
