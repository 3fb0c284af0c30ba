/**
 * Storage from a journal and an engine. A round goes to the journal's file and to the engine in parallel; its
 * entries are answered when both are done, so reads need nothing but the engine.
 *
 * A failure of either is the end: it is reported once through Events, and nothing is answered any more.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Engine, EngineError, EngineUser } from "../ports/engine.ts";
import type { Events } from "../ports/events.ts";
import type { Files } from "../ports/files.ts";
import type { Durability, Storage, StorageSizes, StorageUser } from "../ports/storage.ts";
import { Journal, type JournalLimits, type JournalListener, type JournalStart } from "./journal.ts";
import { Flusher, type FlushHost } from "./journaled-storage-flusher.ts";
import { PointReads, RangeReads, type ReadGate } from "./journaled-storage-reads.ts";
import type { Round } from "./round.ts";
import type { SegmentOwner } from "./segment-log.ts";

export interface JournaledStorageParts {
  readonly files: Files;
  readonly engine: Engine;
  readonly events: Events;
  readonly owner: SegmentOwner;
  readonly start: JournalStart;
  readonly limits: JournalLimits;
}

export interface JournaledStorageOpener {
  onStorageReady(): void;
  onStorageNotReady(text: string): void;
}

export class JournaledStorage implements Storage, EngineUser, JournalListener, FlushHost, ReadGate {
  readonly #engine: Engine;
  readonly #events: Events;
  readonly #journal: Journal;
  readonly #points: PointReads;
  readonly #ranges: RangeReads;
  readonly #flusher: Flusher;
  /** Until the journal is ready. */
  #opener: JournaledStorageOpener | null;
  /** By tag of their engine calls. */
  readonly #applying: (Round | null)[] = [];
  readonly #freeTags: number[] = [];
  #appended = 0;
  #hasFailed = false;
  #closer: StorageUser | null = null;
  #closerTag = 0;
  #endedSequence: number;
  #endedCount = 0;

  /** `opener` hears when appends may come. */
  constructor(parts: JournaledStorageParts, opener: JournaledStorageOpener) {
    this.#engine = parts.engine;
    this.#events = parts.events;
    this.#opener = opener;
    this.#endedSequence = parts.start.sequence;
    this.#points = new PointReads(parts.engine, this);
    this.#ranges = new RangeReads(parts.engine, this);
    this.#flusher = new Flusher(parts.engine, this, parts.start.sequence);
    this.#journal = new Journal(parts.files, parts.owner, parts.start, parts.limits, this);
    this.#journal.open();
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get endedSequence(): number {
    return this.#endedSequence;
  }

  get endedCount(): number {
    return this.#endedCount;
  }

  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    assert(this.#closer === null, "nothing is appended to a storage that closes");
    if (this.#hasFailed) return;
    this.#appended++;
    this.#journal.append(key, value, durability, user, tag);
  }

  deleteRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void {
    assert(this.#closer === null, "nothing is removed from a storage that closes");
    if (this.#hasFailed) return;
    this.#appended++;
    this.#journal.removeRange(from, to, user, tag);
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.#points.get(key, user, tag);
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: StorageUser, tag: number): void {
    if (!this.#hasFailed) this.#ranges.range(from, to, rowsMax, bytesMax, user, tag);
  }

  flush(user: StorageUser, tag: number): void {
    if (!this.#hasFailed) this.#flusher.request(this.#appended, user, tag);
  }

  onTurnEnd(): void {
    if (this.#hasFailed) return;
    this.#journal.onTurnEnd();
    this.#points.send();
  }

  sizes(): StorageSizes {
    return {
      journalBytes: this.#journal.bytes,
      journalSegments: this.#journal.segments,
      queuedAppends: this.#journal.queued,
      rounds: this.#journal.rounds,
      syncs: this.#journal.syncs,
      engineLag: this.#journal.engineLag,
    };
  }

  /**
   * Flushes, so that the next start has nothing to replay, and lets go of the journal's file. Appends and removals
   * must not follow. Like everything else it is never answered after a failure.
   */
  close(user: StorageUser, tag: number): void {
    assert(this.#closer === null, "a storage is closed once");
    this.flush({ onStored: () => this.#journal.close(), onRows: () => undefined }, 0);
    this.#closer = user;
    this.#closerTag = tag;
    this.onTurnEnd();
  }

  onJournalReady(): void {
    const opener = this.#opener;
    this.#opener = null;
    opener?.onStorageReady();
  }

  onRoundStarted(round: Round): void {
    if (round.count === 0) return this.#journal.onApplied(round);
    const tag = this.#freeTags.pop() ?? this.#applying.length;
    this.#applying[tag] = round;
    let from = 0;
    for (const at of round.ranges) {
      round.enginePending++;
      this.#write(round, from, at, tag);
      from = at + 1;
      const start = round.keys[at];
      const end = round.values[at] ?? null;
      assert(start !== undefined && end !== null, "a range removal has both ends");
      this.#engine.deleteRange(start, end, this, tag);
    }
    this.#write(round, from, round.count, tag);
  }

  onRoundEnded(round: Round): void {
    this.#endedSequence = round.sequence;
    this.#endedCount += round.count;
    this.#flusher.beginIfDue();
  }

  onSegmentSealed(lastSequence: number): void {
    this.#flusher.onSealed(lastSequence);
  }

  onClaimed(flushedThrough: number): void {
    this.#flusher.onClaimed(flushedThrough);
  }

  onJournalClosed(): void {
    this.#closer?.onStored(this.#closerTag, null);
  }

  onJournalFailed(text: string): void {
    this.#fail("journal-failed", text);
  }

  /** A part of a round's batch has been applied. */
  onEngine(tag: number, error: EngineError | null): void {
    if (this.#hasFailed) return;
    if (error !== null) return this.onEngineFailed("write", error);
    const round = this.#applying[tag] ?? null;
    assert(round !== null && round.enginePending > 0, "the engine answers each call once");
    if (--round.enginePending > 0) return;
    this.#applying[tag] = null;
    this.#freeTags.push(tag);
    this.#journal.onApplied(round);
  }

  onRows(): void {
    // Rounds are not answered by rows.
  }

  onEngineFlushed(sequence: number): void {
    this.#journal.onFlushed(sequence);
  }

  onEngineFailed(operation: string, error: EngineError): void {
    this.#fail(
      "engine-failed",
      `${operation} in the storage engine failed (${error.code}: ${error.text}); the member stops; what it acknowledged is in its journal and is replayed when it starts again; check the disk and its free space first`,
    );
  }

  #write(round: Round, from: number, to: number, tag: number): void {
    if (from === to) return;
    round.enginePending++;
    const isWhole = to - from === round.count;
    const keys = isWhole ? round.keys : round.keys.slice(from, to);
    const values = isWhole ? round.values : round.values.slice(from, to);
    this.#engine.write(keys, values, this, tag);
  }

  #fail(code: string, text: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#journal.stop();
    const opener = this.#opener;
    this.#opener = null;
    if (opener === null) this.#events.fatal(code, text);
    else opener.onStorageNotReady(text);
  }
}
