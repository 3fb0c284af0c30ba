/** Merges a record that came from elsewhere into what this member holds of its key, and says when that is committed. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Durability } from "../ports/storage.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { RecordStore } from "../storage/record-store.ts";
import { mergeRecords, supersedes } from "../version/reconcile.ts";

/** Replaces damaged records from peers. */
export interface Healer {
  /** Starts to, unless it is under way; `resumed` (if any) hears when the attempt has ended. `entry` is damaged. */
  heal(entry: KeyEntry, resumed: Resumable | null): void;
}

export interface Resumable {
  /** `lost`: the finding of damage (`KeyEntry.damage`) at which no other home had a sound copy any more; 0: none. */
  resume(lost: number): void;
}

export interface MergeParts {
  readonly store: RecordStore;
  readonly healer: Healer;
  /** `OK`, or why this member stores nothing now, such as when its disk is down to the reserve. */
  readonly storable: () => OutcomeCode;
}

const HEADS_SUFFICE = 0;
const WHOLE = 1;

export abstract class RecordMerge implements RecordUser, Resumable {
  readonly #parts: MergeParts;
  readonly #durability: Durability;
  protected readonly key: Bytes;
  protected readonly record: Bytes;
  #awaitedHealing = false;

  /** Key and record are kept. */
  constructor(parts: MergeParts, key: Bytes, record: Bytes, durability: Durability) {
    this.#parts = parts;
    this.#durability = durability;
    this.key = key;
    this.record = record;
  }

  start(): void {
    this.#parts.store.withEntry(this.key, false, this, HEADS_SUFFICE);
  }

  onEntry(tag: number, entry: KeyEntry): void {
    const { store, healer } = this.#parts;
    if (entry.damaged) {
      if (this.#awaitedHealing) this.onMerged("DAMAGED", this.#durability);
      else {
        this.#awaitedHealing = true;
        healer.heal(entry, this);
      }
      return;
    }
    const held = entry.latest;
    if (supersedes(this.record, held)) {
      this.onMerging(held, false);
      store.put(entry, this.record, this.#durability, this, tag);
      return;
    }
    if (tag === HEADS_SUFFICE) {
      // A real merge needs the values of both. Whatever happens meanwhile, it starts over from what is held then.
      store.withEntry(entry.key, true, this, WHOLE);
      return;
    }
    this.onMerging(held, true);
    const merged = mergeRecords(held, this.record);
    if (merged !== null) store.put(entry, merged, this.#durability, this, tag);
  }

  /** The damaged record has been replaced, or could not be. */
  resume(): void {
    const storable = this.#parts.storable();
    if (storable !== "OK") this.onMerged(storable, this.#durability);
    else this.start();
  }

  onCommitted(_tag: number, durability: Durability): void {
    this.onMerged("OK", durability);
  }

  /** Something is about to be stored over what is held; `isMerge`: with the values of both at hand. */
  protected abstract onMerging(held: Bytes | null, isMerge: boolean): void;

  /** It is over. `OK`: what was given is committed here, or what has seen it. */
  protected abstract onMerged(code: OutcomeCode, durability: Durability): void;
}
