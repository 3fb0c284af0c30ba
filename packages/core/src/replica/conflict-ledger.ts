/**
 * A member's conflict ledger: what it dropped without the author of the winner having seen it. An entry is appended
 * before the record that no longer has the version, in the same turn, so it is durable no later: a crash may leave an
 * entry of a drop that has to be made again, but never a drop without its entry.
 *
 * Bounded by bytes, entries and age; the oldest go first. An entry that goes before its time is counted and alarmed.
 * Entries are apart from records: one that is damaged, or cannot be read, is left out of answers and harms nothing.
 */
import { assert } from "../base/assert.ts";
import { keyHash } from "../base/byte-map.ts";
import type { Bytes } from "../base/bytes.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { Events } from "../ports/events.ts";
import type { Durability, Storage, StorageError, StorageUser } from "../ports/storage.ts";
import type { KeyPlacement } from "./key-placement.ts";
import { type ConflictKind, encodeConflict } from "../storage/conflict-row.ts";
import { conflictKey, keyOfRecordKey, namespaceOfRecordKey } from "../storage/keyspace.ts";
import type { Reducer } from "../storage/record-store.ts";
import type { Dot, Version } from "../version/dot.ts";
import { type HybridClock, HLC_TICKS, msOfHlc } from "../version/hlc.ts";
import { keepWinner, losersOf, winnerOf } from "../version/last-writer.ts";
import { versionCount } from "../version/record-layout.ts";
import { ConflictIndex, type IndexedConflict } from "./conflict-index.ts";
import { ConflictScan } from "./conflict-scan.ts";

/** Numbers, ready for a status. */
export interface ConflictStatus {
  /** False until what was there at the start has been counted. */
  readonly counted: boolean;
  readonly entries: number;
  readonly bytes: number;
  /** Of the oldest entry, ms since 1970; 0 when there is none. */
  readonly oldestMs: number;
  /** Entries written since the start. */
  readonly noted: number;
  /** Entries that had to go before their time, since the start. */
  readonly overflowed: number;
}

export interface LedgerParts {
  readonly storage: Storage;
  readonly clock: HybridClock;
  readonly timers: Timers;
  readonly limits: Limits;
  readonly events: Events;
  readonly placement: KeyPlacement;
}

const LOOK_EVERY_MS = 60_000;
/** So many entries go in one turn; more go in turns soon after. */
const TRIM_MAX = 1_000;
const TRIM_AGAIN_MS = 10;
/** How far back it is looked whether a dot has just been noted. */
const RECENT = 256;

export class ConflictLedger extends Timer implements Reducer, StorageUser {
  readonly #parts: LedgerParts;
  readonly #index = new ConflictIndex();
  /** Pages that are being read. */
  readers = 0;
  #counted = false;
  #waiting: (() => void)[] = [];
  #number: number;
  #noted = 0;
  #overflowed = 0;
  #alarmedMs = -Infinity;
  #alarmed = 0;

  constructor(parts: LedgerParts) {
    super();
    this.#parts = parts;
    // Two lives of a member hardly ever give one instant the same number.
    this.#number = parts.clock.reading() % 0x1_0000_0000;
  }

  /** Counts what is on disk, in the background. */
  start(): void {
    const { storage, timers } = this.#parts;
    timers.after(this, LOOK_EVERY_MS);
    new ConflictScan(storage, (items) => {
      // What was added meanwhile may have been read as well.
      const own = new Set(this.#index.below(null, null, Infinity).map(placeName));
      this.#index.addEarlier(items.filter((item) => !own.has(placeName(item))));
      this.#counted = true;
      this.#trim();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resume of waiting) resume();
    }).start();
  }

  /** Calls back when it is known what is on disk: at once, except soon after the start. */
  whenCounted(resume: () => void): void {
    if (this.#counted) resume();
    else this.#waiting.push(resume);
  }

  get index(): ConflictIndex {
    return this.#index;
  }

  /** Under `lww` a record goes into the store with its winner alone, and its losers into the ledger. */
  reduce(storageKey: Bytes, record: Bytes): Bytes {
    if (versionCount(record) < 2) return record;
    if (this.#parts.placement.policyOf(namespaceOfRecordKey(storageKey)) !== "lww") return record;
    const winner = winnerOf(record);
    assert(winner !== null, "a record with versions has a winner");
    for (const loser of losersOf(record)) this.#enter(storageKey, "concurrent", loser, winner.dot, "fsync");
    return keepWinner(record);
  }

  /** Siblings that an overwrite replaces without their author having read them; to be called before it is stored. */
  noteOverwritten(
    storageKey: Bytes,
    siblings: readonly Version[],
    winner: Dot,
    durability: Durability,
  ): void {
    for (const sibling of siblings) this.#enter(storageKey, "overwritten", sibling, winner, durability);
  }

  /** Whether this dot has lost here, lately, to the very version that is held now, and was not seen by its author. */
  hasLost(storageKey: Bytes, { clock }: Dot, held: Bytes | null): boolean {
    const winner = winnerOf(held);
    if (winner === null) return false;
    const hash = keyHash(storageKey);
    return this.#index
      .below(null, null, RECENT)
      .some((item) => item.keyHash === hash && item.clock === clock && item.beatenBy === winner.dot.clock);
  }

  status(): ConflictStatus {
    const { size, bytes, oldest } = this.#index;
    return {
      counted: this.#counted,
      entries: size,
      bytes,
      oldestMs: oldest === null ? 0 : msOfHlc(oldest.instant),
      noted: this.#noted,
      overflowed: this.#overflowed,
    };
  }

  override onTimer(): void {
    this.#parts.timers.after(this, LOOK_EVERY_MS);
    if (this.#counted) this.#trim();
  }

  onStored(_tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
  }

  onRows(): void {
    assert(false, "the ledger itself reads nothing");
  }

  #enter(storageKey: Bytes, kind: ConflictKind, loser: Version, winner: Dot, durability: Durability): void {
    const { storage, clock, limits } = this.#parts;
    const instant = Math.max(clock.reading(), this.#index.newest?.instant ?? 0);
    this.#number = (this.#number + 1) % 0x1_0000_0000;
    const place = { instant, number: this.#number };
    const row = encodeConflict(
      {
        instant,
        namespace: namespaceOfRecordKey(storageKey),
        key: keyOfRecordKey(storageKey),
        kind,
        dot: loser.dot,
        versionKind: loser.kind,
        expiryMs: loser.expiryMs,
        value: loser.value,
        winner,
      },
      limits.conflictValueBytesMax,
    );
    const key = conflictKey(place);
    const bytes = key.length + row.length;
    this.#index.add({
      ...place,
      keyHash: keyHash(storageKey),
      bytes,
      clock: loser.dot.clock,
      beatenBy: kind === "concurrent" ? winner.clock : 0,
    });
    this.#noted++;
    storage.append(key, row, durability, this, 0);
    if (this.#counted) this.#trim();
  }

  /** The oldest go, some at a time: those that are old enough, and as many more as there is no room for. */
  #trim(): void {
    const { storage, clock, limits } = this.#parts;
    const keptFrom = clock.reading() - limits.conflictRetentionMs * HLC_TICKS;
    for (let gone = 0; ; gone++) {
      const oldest = this.#index.oldest;
      if (oldest === null) break;
      const isOld = oldest.instant < keptFrom;
      const isFull =
        this.#index.bytes > limits.conflictBytesMax || this.#index.size > limits.conflictEntriesMax;
      if (!isOld && !isFull) break;
      if (gone === TRIM_MAX) {
        this.#parts.timers.after(this, TRIM_AGAIN_MS);
        break;
      }
      if (!isOld) this.#overflowed++;
      this.#index.removeOldest();
      storage.append(conflictKey(oldest), null, "os", this, 0);
    }
    this.#alarm();
  }

  /** At most once a minute. */
  #alarm(): void {
    const nowMs = this.#parts.timers.nowMs();
    if (this.#overflowed === this.#alarmed || nowMs < this.#alarmedMs + LOOK_EVERY_MS) return;
    const dropped = this.#overflowed - this.#alarmed;
    this.#alarmed = this.#overflowed;
    this.#alarmedMs = nowMs;
    const { conflictBytesMax, conflictEntriesMax } = this.#parts.limits;
    this.#parts.events.event(
      "error",
      "conflict-ledger-overflow",
      `the conflict ledger is full (conflictBytesMax ${conflictBytesMax}, conflictEntriesMax ${conflictEntriesMax}): ${dropped} entries went before their time; read it with KV.CONFLICTS, and find out who writes the same keys concurrently`,
      { dropped, entries: this.#index.size, bytes: this.#index.bytes },
    );
  }
}

function placeName({ instant, number }: IndexedConflict): string {
  return `${instant} ${number}`;
}
