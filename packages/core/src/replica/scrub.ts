/**
 * Reads all records that a member holds, in the order of the engine and slowly, to find damage before somebody needs
 * them and before the sound copies elsewhere are gone. What is damaged is put right from memory, where the record is
 * still whole, or from the other homes.
 *
 * The pace is that of the key space: a page of rows, then a pause as long as its share of the slots is of the whole
 * pass. Where it was is kept on disk, so that a member that is restarted each day gets round all the same.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import type { Budget, BudgetWaiter } from "../control/budget.ts";
import type { Timers } from "../control/timers.ts";
import type { Events } from "../ports/events.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { SLOTS } from "../ring/slot.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import {
  hashOfRecordKey,
  isRecordKey,
  slotOfRecordKey,
  slotStart,
  successorOf,
} from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { HybridClock } from "../version/hlc.ts";
import { isRecord } from "../version/record.ts";
import type { Healer, Resumable } from "./record-merge.ts";
import { SCRUB_KEY, decodeScrubPlace, encodeScrubPlace } from "./scrub-place.ts";

export interface ScrubParts {
  readonly storage: Storage;
  readonly store: RecordStore;
  readonly healer: Healer;
  readonly timers: Timers;
  readonly clock: HybridClock;
  readonly limits: Limits;
  readonly budget: Budget;
  readonly events: Events;
}

/** Plain data, since the start but for the end of the last pass. */
export interface ScrubStatus {
  /** Where it is, of 16,384. */
  readonly slot: number;
  /** When the last whole pass ended, ms since 1970; 0: none has. */
  readonly passEndedMs: number;
  readonly passes: number;
  readonly keys: number;
  readonly bytes: number;
  /** Damaged records that it has met, those of them that are not right yet, and ranges that could not be read. */
  readonly damaged: number;
  readonly open: number;
  readonly unreadable: number;
}

const PAGE_ROWS = 256;
const PAGE_BYTES = 1024 * 1024;
/** The member has other things to do when it starts. */
const START_MS = 60_000;
/** After a page that could not be read, which is tried so often. */
const AGAIN_MS = 1_000;
const TRIES = 3;
/** Until a record that could not be put right is looked at again. */
const HEAL_AGAIN_MS = 10_000;
/** With so many that are not right yet it waits. */
const OPEN_MAX = 16;

const PLACE_TAG = 0;
const PAGE_TAG = 1;

export class Scrub extends Timer implements StorageUser, BudgetWaiter {
  readonly #parts: ScrubParts;
  #from = slotStart(0);
  #endedMs = 0;
  #passes = 0;
  #keys = 0;
  #bytes = 0;
  #damaged = 0;
  #open = 0;
  #unreadable = 0;
  #tries = 0;
  /** It has to wait until more of what was found is right. */
  #waits = false;

  constructor(parts: ScrubParts) {
    super();
    this.#parts = parts;
  }

  /** It first asks where it was. */
  start(): void {
    if (this.#parts.limits.scrubPassMs > 0) this.#parts.storage.get(SCRUB_KEY, this, PLACE_TAG);
  }

  status(): ScrubStatus {
    return {
      slot: Math.min(slotOfRecordKey(this.#from), SLOTS - 1),
      passEndedMs: this.#endedMs,
      passes: this.#passes,
      keys: this.#keys,
      bytes: this.#bytes,
      damaged: this.#damaged,
      open: this.#open,
      unreadable: this.#unreadable,
    };
  }

  override onTimer(): void {
    this.#waits = this.#open >= OPEN_MAX;
    if (!this.#waits) this.#parts.budget.request("scrub", this);
  }

  onGranted(): void {
    this.#parts.storage.range(this.#from, slotStart(SLOTS), PAGE_ROWS, PAGE_BYTES, this, PAGE_TAG);
  }

  onRows(
    tag: number,
    error: StorageError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    if (tag === PLACE_TAG) this.#onPlace(error === null ? (values[0] ?? null) : null);
    else if (error !== null) this.#onUnreadable();
    else this.#onPage(keys, values, more);
  }

  onStored(_tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
  }

  /** For `Finding`: that record is right, or lost for good. */
  closed(): void {
    this.#open--;
    if (this.#waits) this.onTimer();
  }

  #onPlace(stored: Bytes | null): void {
    const place = stored === null ? null : decodeScrubPlace(stored);
    if (place !== null) {
      this.#from = place.from;
      this.#endedMs = place.endedMs;
    }
    const { timers, limits } = this.#parts;
    timers.after(this, Math.min(START_MS, limits.scrubPassMs / 64));
  }

  /** What is in the way is counted, and the rest of its slot passed over: the rows behind it must not wait for ever. */
  #onUnreadable(): void {
    const { timers, events } = this.#parts;
    if (++this.#tries < TRIES) {
      timers.after(this, AGAIN_MS);
      return;
    }
    this.#unreadable++;
    const slot = slotOfRecordKey(this.#from);
    events.event("error", "scrub-unreadable", "the scrub cannot read some of a slot, and goes on behind it", {
      slot,
    });
    this.#reach(slotStart(slot + 1));
  }

  #onPage(keys: readonly Bytes[], values: readonly (Bytes | null)[], more: boolean): void {
    let bytes = 0;
    for (const [i, key] of keys.entries()) {
      const stored = values[i] ?? null;
      if (stored === null || !isRecordKey(key)) continue;
      this.#keys++;
      bytes += stored.length;
      if (!isRecord(stored)) this.#found(copyBytes(key));
    }
    this.#bytes += bytes;
    this.#parts.budget.charge("scrub", bytes);
    const last = keys.at(-1);
    this.#reach(more && last !== undefined ? successorOf(last) : slotStart(SLOTS));
  }

  #found(key: Bytes): void {
    this.#damaged++;
    this.#open++;
    this.#parts.events.event("warn", "scrub-damage", "the scrub has found a damaged record", {
      slot: slotOfRecordKey(key),
    });
    new Finding(this.#parts, key, this).look();
  }

  /** All before this key has been read. */
  #reach(next: Bytes): void {
    const { storage, timers, limits, clock } = this.#parts;
    const share = (placeOf(next) - placeOf(this.#from)) / SLOTS;
    this.#tries = 0;
    this.#from = next;
    if (slotOfRecordKey(next) >= SLOTS) {
      this.#from = slotStart(0);
      this.#endedMs = Math.floor(clock.nowMs());
      this.#passes++;
    }
    storage.append(SCRUB_KEY, encodeScrubPlace({ from: this.#from, endedMs: this.#endedMs }), "os", this, 0);
    timers.after(this, Math.max(1, share * limits.scrubPassMs));
  }
}

/** A record whose row did not hold, until it does. */
class Finding extends Timer implements RecordUser, Resumable {
  readonly #parts: ScrubParts;
  readonly #key: Bytes;
  readonly #scrub: Scrub;
  #isHealing = false;

  constructor(parts: ScrubParts, key: Bytes, scrub: Scrub) {
    super();
    this.#parts = parts;
    this.#key = key;
    this.#scrub = scrub;
  }

  look(): void {
    this.#parts.store.withEntry(this.#key, true, this, 0, true);
  }

  /** Who has the whole record in memory writes it once more: nobody has forgotten anything. */
  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damaged) {
      this.#isHealing = true;
      this.#parts.healer.heal(entry, this);
    } else if (this.#isHealing || entry.latest === null || entry.pendingAppends > 0) this.#scrub.closed();
    else this.#parts.store.put(entry, entry.latest, "fsync", this, 0);
  }

  onCommitted(): void {
    this.#scrub.closed();
  }

  /** Whether it was healed shows when it is looked at. What no home has left is lost, and was told. */
  resume(lost: number): void {
    if (lost !== 0) this.#scrub.closed();
    else this.#parts.timers.after(this, HEAL_AGAIN_MS);
  }

  override onTimer(): void {
    this.look();
  }
}

/** In slots, with the share of the slot that lies before the key. */
function placeOf(storageKey: Bytes): number {
  return slotOfRecordKey(storageKey) + hashOfRecordKey(storageKey) / 0x1_0000;
}
