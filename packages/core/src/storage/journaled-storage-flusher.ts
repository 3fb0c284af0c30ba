/**
 * When the engine is flushed: after a segment has been sealed, so that the journal can let it go, and when a user
 * asks. One flush at a time; it covers every round that has been answered when it begins. A user's flush is
 * answered when the journal has the claim on stable storage too.
 */
import type { Engine, EngineError, EngineUser } from "../ports/engine.ts";
import type { StorageUser } from "../ports/storage.ts";

/** What the flusher asks of the storage around it. */
export interface FlushHost {
  readonly hasFailed: boolean;
  /** Every round up to this one has been answered. */
  readonly endedSequence: number;
  /** So many entries have been answered. */
  readonly endedCount: number;
  /** The engine's own files hold every round up to this one; it was not known before. */
  onEngineFlushed(sequence: number): void;
  onEngineFailed(operation: string, error: EngineError): void;
}

/** Somebody who waits until the first `count` entries are in the engine's own files. */
interface FlushRequest {
  readonly count: number;
  readonly user: StorageUser;
  readonly tag: number;
  /** The last round covered by the flush that serves it. */
  sequence: number;
}

const NOT_BEGUN = -1;

export class Flusher implements EngineUser {
  readonly #engine: Engine;
  readonly #host: FlushHost;
  #requests: FlushRequest[] = [];
  #sealedThrough = 0;
  #flushedThrough: number;
  #claimedThrough: number;
  /** What the flush under way covers. */
  #covering = NOT_BEGUN;

  constructor(engine: Engine, host: FlushHost, claimedThrough: number) {
    this.#engine = engine;
    this.#host = host;
    this.#flushedThrough = claimedThrough;
    this.#claimedThrough = claimedThrough;
  }

  request(count: number, user: StorageUser, tag: number): void {
    this.#requests.push({ count, user, tag, sequence: NOT_BEGUN });
    this.beginIfDue();
  }

  onSealed(sequence: number): void {
    this.#sealedThrough = sequence;
    this.beginIfDue();
  }

  /** To be called whenever rounds have been answered. */
  beginIfDue(): void {
    if (this.#covering !== NOT_BEGUN || this.#host.hasFailed) return;
    const { endedSequence, endedCount } = this.#host;
    let isDue = this.#sealedThrough > this.#flushedThrough && endedSequence >= this.#sealedThrough;
    for (const request of this.#requests) {
      if (request.sequence !== NOT_BEGUN || request.count > endedCount) continue;
      request.sequence = endedSequence;
      isDue = true;
    }
    if (!isDue) return;
    this.#covering = endedSequence;
    this.#engine.flush(this, 0);
  }

  onEngine(_tag: number, error: EngineError | null): void {
    if (this.#host.hasFailed) return;
    if (error !== null) return this.#host.onEngineFailed("flush", error);
    const covered = this.#covering;
    this.#covering = NOT_BEGUN;
    if (covered > this.#flushedThrough) {
      this.#flushedThrough = covered;
      this.#host.onEngineFlushed(covered);
    }
    this.#answer();
    this.beginIfDue();
  }

  onRows(): void {
    // A flush has no rows.
  }

  onClaimed(sequence: number): void {
    this.#claimedThrough = sequence;
    this.#answer();
  }

  #answer(): void {
    const waiting: FlushRequest[] = [];
    const done: FlushRequest[] = [];
    for (const request of this.#requests) {
      const isDone = request.sequence !== NOT_BEGUN && request.sequence <= this.#claimedThrough;
      (isDone ? done : waiting).push(request);
    }
    this.#requests = waiting;
    for (const { user, tag } of done) user.onStored(tag, null);
  }
}
