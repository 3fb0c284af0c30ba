/**
 * A member's hints, of two kinds. As a home it keeps references to records of its own that another home may lack; as a
 * fallback it keeps copies of records that have no other place here. All of them are on disk, counted per target, and
 * delivered until the target has them durably, however long that takes.
 *
 * At the cap a reference is dropped, because the record is at a home and exchanges will find it; a copy is refused,
 * because nobody else may hold it.
 */
import { assert } from "../base/assert.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Events } from "../ports/events.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import type { HintKeeper } from "../replica/hint-keeper.ts";
import type { Healer } from "../replica/record-merge.ts";
import { type HintKind, hintKey, placeOfHintKey } from "../storage/keyspace.ts";
import { RecordStore } from "../storage/record-store.ts";
import type { RecordWatcher } from "../storage/record-watcher.ts";
import { Courier, type CourierParts } from "./courier.ts";
import { CopyRemoval } from "./copy-removal.ts";
import { CopyHealer } from "./copy-healer.ts";
import { type Hint, HintIndex, type TargetHints } from "./hint-index.ts";
import { referenceRow, sinceOfRecord, sinceOfRow } from "./hint-row.ts";
import { HintScan, type HintScanUser } from "./hint-scan.ts";
import { HintAlarm } from "./hint-alarm.ts";
import { type ReaddressParts, moveHint } from "./readdressing.ts";
import { isRecord } from "../version/record.ts";
import { HintTally, type TargetStatus } from "./hint-tally.ts";

export interface HintsParts extends Omit<CourierParts, "sources">, ReaddressParts {
  readonly storage: Storage;
  readonly events: Events;
}

const LOOK_EVERY_MS = 10_000;

export class Hints extends Timer implements HintKeeper, RecordWatcher, StorageUser, HintScanUser {
  readonly copies: RecordStore;
  readonly healer: Healer;
  readonly #parts: HintsParts;
  readonly #courierParts: CourierParts;
  readonly #index = new HintIndex();
  readonly #couriers = new Map<MemberId, Courier>();
  readonly #tally = new HintTally();
  readonly #alarm: HintAlarm;
  /** What was on disk at the start has been read. */
  #isRead = false;

  constructor(parts: HintsParts) {
    super();
    this.#parts = parts;
    this.copies = new RecordStore(parts.storage, parts.limits, undefined, this);
    this.healer = new CopyHealer(this.copies, parts.events);
    this.#courierParts = {
      ...parts,
      sources: { record: { store: this.copies, healer: this.healer }, reference: parts.records },
    };
    this.#alarm = new HintAlarm(parts, this.#index, this.#tally);
  }

  /** Reads what is on disk, and then begins to deliver. Where none may be kept, none is looked for. */
  start(): void {
    this.#parts.timers.after(this, LOOK_EVERY_MS);
    if (this.#parts.limits.hintsMax === 0) this.#isRead = true;
    else new HintScan(this.#parts.storage, this).start();
  }

  onPeerUp(peer: MemberId): void {
    this.#couriers.get(peer)?.hurry();
  }

  refer(target: MemberId, storageKey: Bytes): void {
    const { storage, clock } = this.#parts;
    const key = hintKey("reference", target, storageKey);
    const hint = this.#index.get(key);
    if (hint !== null) {
      this.#index.note(key, hint.bytes, hint.sinceMs);
      return;
    }
    if (!this.#hasRoom("reference", target, 1, key.length)) {
      this.#tally.of(target).dropped++;
      return;
    }
    const row = referenceRow(clock.reading());
    this.#note(key, key.length + row.length, clock.nowMs());
    storage.append(key, row, "os", this, 0);
  }

  admits(target: MemberId, storageKey: Bytes, bytes: number): OutcomeCode {
    if (!this.#isRead) return "LOADING";
    const key = hintKey("record", target, storageKey);
    const count = this.#index.get(key) === null ? 1 : 0;
    if (this.#hasRoom("record", target, count, key.length + bytes)) return "OK";
    this.#tally.of(target).refused++;
    return "OVERLOADED";
  }

  runOf(key: Bytes): number {
    return this.#index.get(key)?.runStart ?? 0;
  }

  setRun(key: Bytes, start: number): void {
    const hint = this.#index.get(key);
    assert(hint !== null, "a run of a fallback begins with its copy");
    hint.runStart = start;
  }

  status(): TargetStatus[] {
    const nowMs = this.#parts.clock.nowMs();
    return this.#tally.status(this.#index, nowMs, (target) => this.#couriers.get(target)?.lastCode ?? "");
  }

  /** A copy is appended, or removed. */
  onAppending(key: Bytes, record: Bytes | null): void {
    if (record === null) this.#index.forget(key);
    else this.#note(key, key.length + record.length, sinceOfRecord(record));
  }

  onAppended(): void {
    // What is appended was counted before.
  }

  onDamaged(): void {
    // Whoever reads it sees that, and gives it up.
  }

  onStored(_tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
  }

  onRows(): void {
    assert(false, "references are read by the scan alone");
  }

  onHintRow(key: Bytes, row: Bytes): void {
    const place = placeOfHintKey(key);
    // What was appended since the start is known better.
    if (place === null || this.#index.get(key) !== null) return;
    const hint = this.#index.note(key, key.length + row.length, sinceOfRow(place.kind, row));
    if (hint === null || (place.kind === "record" && !isRecord(row))) return;
    moveHint(this.#parts, this, place, row, () => this.#remove(hint));
  }

  onHintsRead(isWhole: boolean): void {
    if (!isWhole) {
      const text =
        "not all hints could be read; they are tried again at the next start, and exchanges find the rest";
      this.#parts.events.event("error", "hints-unreadable", text, {});
    }
    this.#isRead = true;
    for (const { target } of this.#index.targets) this.#courierOf(target).wake();
  }

  override onTimer(): void {
    this.#parts.timers.after(this, LOOK_EVERY_MS);
    this.#alarm.look();
  }

  /** For so many more of a kind, and so many bytes. */
  #hasRoom(kind: HintKind, target: MemberId, count: number, bytes: number): boolean {
    const { limits } = this.#parts;
    const held = this.#index.targetOf(target);
    return (
      held.counts[kind] + count <= limits.hintsMax &&
      held.bytes[kind] + bytes <= limits.hintBytesMax &&
      this.#index.size + count <= limits.hintsTotalMax &&
      this.#index.bytes + bytes <= limits.hintBytesTotalMax
    );
  }

  #note(key: Bytes, bytes: number, sinceMs: number): void {
    const hint = this.#index.note(key, bytes, sinceMs);
    if (hint === null) return;
    if (hint.revision === 1) this.#tally.of(hint.target).noted++;
    if (this.#isRead) this.#courierOf(hint.target).wake();
  }

  #courierOf(target: MemberId): Courier {
    let courier = this.#couriers.get(target);
    if (courier === undefined) {
      const hints: TargetHints = this.#index.targetOf(target);
      courier = new Courier(this.#courierParts, hints, (hint) => this.#onDelivered(hint));
      this.#couriers.set(target, courier);
    }
    return courier;
  }

  #onDelivered(hint: Hint): void {
    this.#tally.of(hint.target).delivered++;
    this.#remove(hint);
  }

  #remove(hint: Hint): void {
    if (hint.kind === "reference") this.#drop(hint);
    else new CopyRemoval(this.copies, hint, this.#index.targetOf(hint.target)).start();
  }

  #drop(hint: Hint): void {
    this.#index.forget(hint.key);
    this.#parts.storage.append(hint.key, null, "os", this, 0);
  }
}
