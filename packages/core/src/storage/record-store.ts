/**
 * Records above the Storage port. Three things live here because they must agree:
 *
 * - Two overlays. *Latest* is what the local write path builds on, durable or not; *committed* is what readers
 *   are served. A record moves from one to the other when its append has completed.
 * - What is in use has an entry; what is not is bytes in one of two caches: heads (contexts and dots) of many keys,
 *   whole records of fewer. A write that supersedes what is held needs only the head; so does a digest read.
 * - One queue per key that is being read from the engine, so that the steps of two operations on a key never
 *   interleave with a read of it.
 *
 * A stored record that fails its check is *damaged*, never absent: nobody builds on it until `replaceDamaged`.
 */
import { assert } from "../base/assert.ts";
import { ByteMap, keyHash } from "../base/byte-map.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Durability, Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { sameRecord } from "../version/reconcile.ts";
import { isHeadOnly, isRecord } from "../version/record.ts";
import { KeyEntry, type RecordUser } from "./key-entry.ts";
import { PendingAppend } from "./pending-append.ts";
import { NOBODY, type RecordWatcher } from "./record-watcher.ts";
import { type RecordCacheLimits, SettledRecords } from "./settled-records.ts";

/** What the policy of a record's namespace makes of it. */
export interface Reducer {
  /**
   * What to store in place of `record`: itself, or less. What is left out has been appended before the call returns
   * (to the conflict ledger), to be durable no later than the next append.
   */
  reduce(storageKey: Bytes, record: Bytes): Bytes;
}

const KEEPS_ALL: Reducer = { reduce: (_storageKey, record) => record };

const LOAD = 0;

export class RecordStore implements StorageUser {
  readonly #storage: Storage;
  readonly #limits: RecordCacheLimits;
  readonly #reducer: Reducer;
  readonly #watcher: RecordWatcher;
  /** Of keys that somebody uses now, or whose record is damaged. */
  readonly #entries = new ByteMap<KeyEntry>();
  readonly #settled: SettledRecords;
  /** Of them, those that stay only because their record is damaged, in order of their last use. */
  readonly #remembered = new Set<KeyEntry>();
  readonly #appends: PendingAppend[] = [];
  readonly #freeTags: number[] = [];
  #sequence = 0;
  #hits = 0;
  #misses = 0;
  #damaged = 0;
  #pending = 0;
  #pendingBytes = 0;
  #waiting = 0;

  constructor(
    storage: Storage,
    limits: RecordCacheLimits,
    reducer: Reducer = KEEPS_ALL,
    watcher: RecordWatcher = NOBODY,
  ) {
    this.#storage = storage;
    this.#limits = limits;
    this.#reducer = reducer;
    this.#watcher = watcher;
    this.#settled = new SettledRecords(limits);
  }

  /** Keys of which something is in memory. */
  get entries(): number {
    return this.#entries.size + this.#settled.size;
  }

  /** Of whole records in the cache. */
  get valueBytes(): number {
    return this.#settled.valueBytes;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** Appends that have not completed, and bytes in them. */
  get pendingAppends(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Callers that wait for a key to be read. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How often damage was found. */
  get damagedRecords(): number {
    return this.#damaged;
  }

  /**
   * Calls `user.onEntry` when the key's state is in memory: at once when it is already. With `whole`, both latest
   * and committed are whole records, not heads. With `settled`, nothing was dropped from `latest` that is not durable
   * in the ledger: what others are sent before this member's own append has ended is built on that. `key` is kept.
   */
  withEntry(key: Bytes, whole: boolean, user: RecordUser, tag: number, settled = false): void {
    const hash = keyHash(key);
    const entry = this.#entries.get(key, hash) ?? this.#begin(key, hash, whole);
    if (whole && !isWhole(entry.committed)) this.#settled.complete(entry);
    if (isReady(entry, whole, settled)) {
      this.#hits++;
      this.#show(entry, user, tag);
      this.#settle(entry);
      return;
    }
    this.#misses++;
    this.#waiting++;
    entry.waiters ??= [];
    entry.waiters.push({ user, tag, whole, settled });
    this.#read(entry);
  }

  /**
   * Makes `record` the key's latest, and appends it. It is what the caller built on `entry.latest` in this same
   * call. A record behind an unfinished fsync is fsynced too, because it carries what that one wrote; and so is one
   * that the namespace's policy dropped something from.
   */
  put(entry: KeyEntry, record: Bytes, durability: Durability, user: RecordUser, tag: number): void {
    assert(entry.loaded && !entry.damaged, "a record is built on what is known");
    this.#append(entry, record, entry.pendingSyncs > 0 ? "fsync" : durability, user, tag);
  }

  /**
   * What is in memory of a key, to be looked at and no more. Of a key that is not, what the storage shows is what is
   * committed, or it was when the storage was asked.
   */
  peek(key: Bytes): KeyEntry | null {
    const hash = keyHash(key);
    const inUse = this.#entries.get(key, hash);
    if (inUse !== null) return inUse;
    const settled = new KeyEntry(key, hash);
    this.#settled.recall(settled, false);
    return settled.loaded ? settled : null;
  }

  #begin(key: Bytes, hash: number, whole: boolean): KeyEntry {
    const entry = new KeyEntry(key, hash);
    this.#entries.set(entry);
    this.#settled.recall(entry, whole);
    return entry;
  }

  #show(entry: KeyEntry, user: RecordUser, tag: number): void {
    entry.shown++;
    user.onEntry(tag, entry);
    entry.shown--;
  }

  /** Keeps an entry from being forgotten until it is released, once for each time it was held. */
  hold(entry: KeyEntry): void {
    entry.shown++;
  }

  release(entry: KeyEntry): void {
    entry.shown--;
    this.#settle(entry);
  }

  /**
   * Puts a record (null: none) in the place of a damaged one, durably. Until that is committed nobody is shown the
   * key: it must not pass for absent meanwhile.
   */
  replaceDamaged(entry: KeyEntry, record: Bytes | null, user: RecordUser, tag: number): void {
    assert(entry.damaged && !entry.replacing, "a damaged record is replaced once");
    entry.replacing = true;
    if (record !== null) this.#append(entry, record, "fsync", user, tag);
    else this.#appendRemoval(entry, "fsync", user, tag);
  }

  /** Removes a sound record, for a store whose records are not versions of something that others hold too. */
  remove(entry: KeyEntry, user: RecordUser, tag: number): void {
    assert(entry.loaded && !entry.damaged, "what is removed is known");
    this.#appendRemoval(entry, entry.pendingSyncs > 0 ? "fsync" : "os", user, tag);
  }

  onStored(tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
    const append = this.#appends[tag];
    const entry = append?.entry ?? null;
    const user = append?.user ?? null;
    assert(append !== undefined && entry !== null && user !== null, "an append completes once");
    const { record, durability, sequence, drops, tag: userTag } = append;
    append.clear();
    this.#freeTags.push(tag);
    this.#pending--;
    this.#pendingBytes -= record.length;
    entry.pendingAppends--;
    if (durability === "fsync") entry.pendingSyncs--;
    if (drops) entry.pendingDrops--;
    const before = entry.committed;
    if (sequence > entry.committedSequence) {
      entry.committedSequence = sequence;
      entry.committed = record.length === 0 ? null : record;
      entry.changed = true;
    }
    if (entry.replacing) {
      entry.replacing = false;
      entry.damage = 0;
    }
    this.#watcher.onAppended(entry.key, before, entry.committed);
    // It stays until all have been served.
    entry.shown++;
    user.onCommitted(userTag, durability);
    this.#serveWaiters(entry);
    this.release(entry);
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === undefined) continue;
      const entry = this.#entries.get(key, keyHash(key));
      if (entry !== null) this.#onRead(entry, error, values[i] ?? null);
    }
  }

  #onRead(entry: KeyEntry, error: StorageError | null, stored: Bytes | null): void {
    entry.reading = false;
    const broken = error !== null || (stored !== null && !isRecord(stored));
    if (!entry.loaded) {
      entry.loaded = true;
      this.#onFound(entry, stored, broken);
    } else if (
      !isWhole(entry.committed) &&
      entry.pendingAppends === 0 &&
      entry.readSequence === entry.committedSequence
    ) {
      // Only the head was kept, and nothing was written since: the engine holds that very record, or it is damaged.
      this.#onFound(entry, stored, broken || !sameRecord(stored, entry.committed));
    }
    this.#serveWaiters(entry);
    this.#settle(entry);
  }

  #onFound(entry: KeyEntry, stored: Bytes | null, isDamaged: boolean): void {
    entry.damage = isDamaged ? ++this.#damaged : 0;
    entry.latest = isDamaged ? null : stored;
    entry.committed = entry.latest;
    entry.changed = true;
    if (!isDamaged) return;
    this.#settled.forget(entry);
    this.#watcher.onDamaged(entry.key);
  }

  #append(entry: KeyEntry, given: Bytes, asked: Durability, user: RecordUser, tag: number): void {
    const record = this.#reducer.reduce(entry.key, given);
    this.#watcher.onAppending(entry.key, record);
    const drops = record !== given;
    const durability = drops ? "fsync" : asked;
    entry.latest = record;
    const ticket = this.#ticket(entry, record, durability, user, tag, drops);
    this.#storage.append(entry.key, record, durability, this, ticket);
  }

  #appendRemoval(entry: KeyEntry, durability: Durability, user: RecordUser, tag: number): void {
    this.#watcher.onAppending(entry.key, null);
    entry.latest = null;
    const ticket = this.#ticket(entry, EMPTY_BYTES, durability, user, tag, false);
    this.#storage.append(entry.key, null, durability, this, ticket);
  }

  #ticket(
    entry: KeyEntry,
    record: Bytes,
    durability: Durability,
    user: RecordUser,
    tag: number,
    drops: boolean,
  ): number {
    this.#pending++;
    this.#pendingBytes += record.length;
    entry.pendingAppends++;
    if (durability === "fsync") entry.pendingSyncs++;
    if (drops) entry.pendingDrops++;
    const ticket = this.#freeTags.pop() ?? this.#appends.push(new PendingAppend()) - 1;
    const append = this.#appends[ticket];
    assert(append !== undefined && append.entry === null, "a free place is free");
    append.entry = entry;
    append.record = record;
    append.durability = durability;
    append.user = user;
    append.tag = tag;
    append.sequence = ++this.#sequence;
    append.drops = drops;
    return ticket;
  }

  #read(entry: KeyEntry): void {
    // While an append is pending its record is whole in memory, and committed follows when it completes.
    if (entry.reading || entry.pendingAppends > 0) return;
    entry.reading = true;
    entry.readSequence = entry.committedSequence;
    this.#storage.get(entry.key, this, LOAD);
  }

  #serveWaiters(entry: KeyEntry): void {
    const { waiters } = entry;
    if (waiters === null) return;
    entry.waiters = null;
    this.#waiting -= waiters.length;
    entry.shown++;
    for (const waiter of waiters) {
      if (isReady(entry, waiter.whole, waiter.settled)) this.#show(entry, waiter.user, waiter.tag);
      else {
        this.#waiting++;
        entry.waiters ??= [];
        entry.waiters.push(waiter);
      }
    }
    entry.shown--;
    if (entry.waiters !== null) this.#read(entry);
  }

  /** When nobody uses an entry what is committed goes to the caches. A damaged one stays, for there is nothing to keep. */
  #settle(entry: KeyEntry): void {
    if (isInUse(entry)) return;
    if (entry.damaged) {
      this.#remembered.delete(entry);
      this.#remembered.add(entry);
      this.#forgetDamaged();
      return;
    }
    this.#remembered.delete(entry);
    if (entry.changed) this.#settled.keep(entry);
    this.#entries.delete(entry.key, entry.hash);
  }

  #forgetDamaged(): void {
    if (this.#remembered.size <= this.#limits.contextCacheEntriesMax) return;
    for (const oldest of this.#remembered) {
      if (isInUse(oldest)) continue;
      this.#remembered.delete(oldest);
      this.#entries.delete(oldest.key, oldest.hash);
      // Read again it may be sound, and then nobody is told.
      this.#watcher.onDamaged(oldest.key);
      return;
    }
  }
}

function isInUse({ pendingAppends, waiters, reading, shown }: KeyEntry): boolean {
  return pendingAppends > 0 || waiters !== null || reading || shown > 0;
}

function isReady(entry: KeyEntry, whole: boolean, settled: boolean): boolean {
  if (!entry.loaded || entry.replacing || (settled && entry.pendingDrops > 0)) return false;
  if (entry.damaged || !whole) return true;
  return isWhole(entry.latest) && isWhole(entry.committed);
}

function isWhole(record: Bytes | null): boolean {
  return record === null || !isHeadOnly(record);
}
