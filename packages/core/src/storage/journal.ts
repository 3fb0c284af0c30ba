/**
 * The group-commit journal. Appends queue up; a round takes all of them, in one write and, if anybody asked for it,
 * one datasync; while it is under way the next round fills. So one fsync serves everybody who waits for one.
 *
 * An entry is answered when the journal has done what the entry asked for and the engine has applied the round: so
 * whoever was answered finds the entry in the engine, and nothing has to be laid over it.
 *
 * Rounds carry two marks (see round-codec.ts). The flushed-through mark rises when the engine has flushed, and a
 * synced round must carry it (the *claim*) before a segment goes: recovery then knows what it may do without.
 *
 * After any failure of the disk the journal is dead: it reports once, answers nothing and tries nothing again.
 */
import { assert } from "../base/assert.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Files } from "../ports/files.ts";
import type { Durability, StorageUser } from "../ports/storage.ts";
import { Round } from "./round.ts";
import { encodeRound, entryBytes } from "./round-codec.ts";
import { type SealedSegment, SegmentLog, type SegmentLogUser, type SegmentOwner } from "./segment-log.ts";

export interface JournalListener {
  /** The journal takes appends. */
  onJournalReady(): void;
  /** A round is on its way to the disk; its batch may go to the engine. To be answered by `Journal.onApplied`. */
  onRoundStarted(round: Round): void;
  /** Every entry of the round has been answered; the round is lent until return. */
  onRoundEnded(round: Round): void;
  /** Rounds after this one are in a new segment. */
  onSegmentSealed(lastSequence: number): void;
  /** It is on stable storage that rounds up to this one are needed no more. */
  onClaimed(flushedThrough: number): void;
  onJournalClosed(): void;
  onJournalFailed(text: string): void;
}

export interface JournalLimits {
  /** A segment that would grow beyond this is ended, after at least one round. */
  readonly segmentBytesMax: number;
  /** A round takes no more than this, or one entry. */
  readonly roundBytesMax: number;
  /** No round begins while so many wait for the engine. */
  readonly engineLagMax: number;
}

/** Where a journal goes on after recovery. */
export interface JournalStart {
  /** The last round that recovery found; all of them are in the engine's own files. */
  readonly sequence: number;
  readonly segments: readonly SealedSegment[];
  /** The highest segment number ever used. */
  readonly segmentNumber: number;
}

/** To begin with; it grows. */
const WRITER_BYTES = 4 * 1024;

export class Journal implements SegmentLogUser {
  readonly #limits: JournalLimits;
  readonly #listener: JournalListener;
  readonly #log: SegmentLog;
  /** Full rounds that wait, the oldest first. */
  readonly #waiting: Round[] = [];
  /** Takes appends. */
  #filling = new Round();
  /** Begun and not yet answered in full, the oldest first. */
  readonly #begun: Round[] = [];
  /** The one that the disk is busy with. */
  #inFlight: Round | null = null;
  readonly #spare: Round[] = [];
  #writer = new ByteWriter(WRITER_BYTES);
  #isReady = false;
  #isAnswering = false;
  #isStopped = false;
  #sequence: number;
  #syncedThrough: number;
  #flushedThrough: number;
  #claimedThrough: number;
  #rounds = 0;
  #syncs = 0;
  #queued = 0;

  constructor(
    files: Files,
    owner: SegmentOwner,
    start: JournalStart,
    limits: JournalLimits,
    listener: JournalListener,
  ) {
    this.#limits = limits;
    this.#listener = listener;
    this.#log = new SegmentLog(files, owner, start.segments, start.segmentNumber, this);
    this.#sequence = start.sequence;
    this.#syncedThrough = start.sequence;
    this.#flushedThrough = start.sequence;
    this.#claimedThrough = start.sequence;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  get segments(): number {
    return this.#log.segments;
  }

  get rounds(): number {
    return this.#rounds;
  }

  get syncs(): number {
    return this.#syncs;
  }

  /** Entries that have not been handed to the disk, or not come back from it. */
  get queued(): number {
    return this.#queued;
  }

  /** Rounds handed to the engine and not applied yet. */
  get engineLag(): number {
    let lag = 0;
    for (const round of this.#begun) if (!round.isApplied) lag++;
    return lag;
  }

  /** Begins a new segment; `onJournalReady` follows. The old ones go afterwards. */
  open(): void {
    this.#log.begin(this.#sequence + 1, this.#flushedThrough);
  }

  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    this.#roundFor(entryBytes(key, value)).add(key, value, durability, user, tag);
  }

  removeRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void {
    this.#roundFor(entryBytes(from, to)).addRange(from, to, user, tag);
  }

  /** Begins a round if there is anything to write and the disk is free. */
  onTurnEnd(): void {
    this.#beginNext();
  }

  /** The engine has applied the round. */
  onApplied(round: Round): void {
    assert(!round.isApplied, "a round is applied once");
    round.isApplied = true;
    this.#answer();
    this.#beginNext();
  }

  /** The engine's own files hold every round up to this one; `onClaimed` follows when a synced round says so. */
  onFlushed(sequence: number): void {
    assert(sequence > this.#claimedThrough, "a claim says something new");
    this.#flushedThrough = sequence;
    this.#beginNext();
  }

  /** Begins no round and answers nothing any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Nothing may be queued or under way; `onJournalClosed` follows. */
  close(): void {
    assert(this.#begun.length === 0 && this.#queued === 0, "a journal is closed when all is answered");
    this.#log.close();
  }

  onSegmentReady(): void {
    if (this.#isReady) return this.#write();
    this.#isReady = true;
    this.#log.release(this.#claimedThrough);
    this.#listener.onJournalReady();
    this.#beginNext();
  }

  onBytesWritten(): void {
    const round = this.#inFlight;
    assert(round !== null, "what was written is the round in flight");
    round.isWritten = true;
    if (round.needsSync) this.#log.sync();
    else this.#endFlight(round);
    this.#answer();
    this.#beginNext();
  }

  onBytesSynced(): void {
    const round = this.#inFlight;
    assert(round !== null, "what was synced is the round in flight");
    this.#syncs++;
    this.#syncedThrough = round.sequence;
    this.#endFlight(round);
    const claim = round.flushedThrough;
    const isNews = claim > this.#claimedThrough;
    if (isNews) {
      this.#claimedThrough = claim;
      this.#log.release(claim);
    }
    this.#answer();
    if (isNews) this.#listener.onClaimed(claim);
    this.#beginNext();
  }

  onClosed(): void {
    this.#listener.onJournalClosed();
  }

  onLogFailed(text: string): void {
    this.#listener.onJournalFailed(text);
  }

  /** The round that has room for an entry of this size. */
  #roundFor(bytes: number): Round {
    this.#queued++;
    if (this.#filling.count > 0 && this.#filling.bytes + bytes > this.#limits.roundBytesMax) {
      this.#waiting.push(this.#filling);
      this.#filling = this.#spare.pop() ?? new Round();
    }
    return this.#filling;
  }

  #beginNext(): void {
    if (!this.#isReady || this.#isStopped || this.#isAnswering || this.#inFlight !== null) return;
    const isClaimDue = this.#flushedThrough > this.#claimedThrough;
    if (this.#waiting.length === 0 && this.#filling.count === 0 && !isClaimDue) return;
    if (this.engineLag >= this.#limits.engineLagMax) return;
    let round = this.#waiting.shift();
    if (round === undefined) {
      round = this.#filling;
      this.#filling = this.#spare.pop() ?? new Round();
    }
    round.sequence = ++this.#sequence;
    if (isClaimDue) round.needsSync = true;
    this.#inFlight = round;
    this.#begun.push(round);
    if (!this.#log.isFull(round.bytes, this.#limits.segmentBytesMax)) return this.#write();
    this.#listener.onSegmentSealed(round.sequence - 1);
    this.#log.begin(round.sequence, this.#flushedThrough);
  }

  #write(): void {
    const round = this.#inFlight;
    assert(round !== null, "a round is written when it has begun");
    round.flushedThrough = this.#flushedThrough;
    const stamp = {
      syncedThrough: this.#syncedThrough,
      flushedThrough: this.#flushedThrough,
      seed: this.#log.seed,
    };
    encodeRound(round, stamp, this.#writer);
    this.#log.write(this.#writer.view(), round.bytes);
    this.#rounds++;
    this.#listener.onRoundStarted(round);
  }

  #endFlight(round: Round): void {
    round.isJournalled = true;
    this.#queued -= round.count;
    this.#inFlight = null;
    // The memory of an unusually large round is not kept.
    if (round.bytes > this.#limits.roundBytesMax) this.#writer = new ByteWriter(WRITER_BYTES);
  }

  /** Answers what is done, in order. What a user does in its answer joins the next round. */
  #answer(): void {
    if (this.#isAnswering || this.#isStopped) return;
    this.#isAnswering = true;
    for (;;) {
      const round = this.#begun[0];
      if (round === undefined || !round.isWritten || !round.isApplied) break;
      round.answerWritten();
      if (!round.isJournalled) break;
      round.answerSynced();
      this.#begun.shift();
      this.#listener.onRoundEnded(round);
      round.clear();
      this.#spare.push(round);
    }
    this.#isAnswering = false;
  }
}
