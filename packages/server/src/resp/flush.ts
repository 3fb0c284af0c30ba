/**
 * Deletes every key of a namespace, for FLUSHALL and FLUSHDB: walks through the keys a page at a time and deletes those
 * of each page, a bounded number at a time, by ordinary deletes at the connection's W. It is not atomic. What cannot be
 * deleted is counted and passed over, so that one slot without a quorum does not keep the others.
 */
import {
  OUTCOMES,
  SLOTS,
  assert,
  slotCursor,
  type Bytes,
  type OutcomeCode,
  type PutResult,
  type PutUser,
  type ScanResult,
  type ScanUser,
} from "@kvorum/core";
import { fillDelete } from "./commands/calls.ts";
import { KeyGather } from "./key-gather.ts";
import { PutCall, failureText, type ReplySlot } from "./reply-slot.ts";
import { scopeOf, type Resumable, type Scope } from "./session.ts";

/** Keys of a page. */
const PAGE_KEYS = 1_000;

export class Flush implements ScanUser, Resumable {
  readonly #scope: Scope;
  readonly #slot: ReplySlot;
  readonly #endMs: number;
  /** Where the next page begins; 0 after the last one. */
  #cursor = 0;
  #deleted = 0;
  /** Keys whose delete has failed; of some it may have been done. */
  #failed = 0;
  #isIndefinite = false;
  /** The first failure of a delete; empty while there is none. */
  #failure = "";

  /** It goes on for as long as any request may, at most. */
  constructor(scope: Scope, slot: ReplySlot) {
    this.#scope = scopeOf(scope);
    this.#slot = slot;
    this.#endMs = scope.face.nowMs() + scope.face.member.limits.timeoutMsMax;
  }

  /** Asks for the next page. */
  resume(): void {
    const { face, namespace } = this.#scope;
    const timeoutMs = this.#timeoutMs(face.member.limits.timeoutMsDefault);
    const page = { namespace, slotEnd: SLOTS, count: PAGE_KEYS, cursor: this.#cursor, timeoutMs };
    face.member.scan(page, this, 0);
  }

  onScanned(_tag: number, { code, text, keys, cursor }: ScanResult): void {
    if (!this.#slot.wanted()) return;
    if (code !== "OK") {
      this.#replyStopped(failureText(code, text));
      return;
    }
    this.#cursor = cursor;
    if (keys.length === 0) this.#goOn();
    else new PageDeletes(this.#scope, this.#slot, keys, this).start();
  }

  /** Of one of the page's keys. */
  onDeleted(code: OutcomeCode, text: string): void {
    if (code === "OK") {
      this.#deleted++;
      return;
    }
    this.#failed++;
    if (!OUTCOMES[code].definite) this.#isIndefinite = true;
    if (this.#failure === "") this.#failure = failureText(code, text);
  }

  /** All keys of the page have been answered. */
  onPageEnd(): void {
    this.#goOn();
  }

  requestOf(key: Bytes): PutCall {
    const call = fillDelete(new PutCall(), this.#scope, key);
    call.timeoutMs = this.#timeoutMs(call.timeoutMs);
    return call;
  }

  #goOn(): void {
    const { face } = this.#scope;
    if (this.#cursor === 0) this.#replyDone();
    else if (face.nowMs() < this.#endMs) face.later(this);
    else this.#replyLate();
  }

  #timeoutMs(most: number): number {
    return Math.max(1, Math.min(most, Math.ceil(this.#endMs - this.#scope.face.nowMs())));
  }

  #replyDone(): void {
    if (this.#failed === 0) this.#slot.ok();
    else if (this.#deleted === 0 && !this.#isIndefinite)
      this.#slot.error(`${this.#failure}; none of ${this.#failed} keys were deleted`);
    else
      this.#slot.error(
        `${OUTCOMES.UNKNOWN.resp} ${this.#counts()}; the first failure was: ${this.#failure}; say it again`,
      );
  }

  /** `failure`: why the keys cannot be gone through any further. */
  #replyStopped(failure: string): void {
    if (this.#deleted === 0 && this.#failed === 0) this.#slot.error(failure);
    else this.#slot.error(`${OUTCOMES.UNKNOWN.resp} ${this.#counts()} ${this.#place()}: ${failure}`);
  }

  #replyLate(): void {
    const limit = this.#scope.face.member.limits.timeoutMsMax;
    const what = `${this.#counts()} within ${limit} ms (timeoutMsMax) ${this.#place()}`;
    this.#slot.error(`${OUTCOMES.TIMEOUT.resp} ${what}; say it again to go on`);
  }

  #counts(): string {
    const left = this.#failed === 0 ? "" : ` and ${this.#failed} are left, or may be`;
    return `${this.#deleted} keys were deleted${left}`;
  }

  /** How far it has come. */
  #place(): string {
    return `in ${Math.floor(this.#cursor / slotCursor(1))} of ${SLOTS} slots`;
  }
}

class PageDeletes extends KeyGather implements PutUser {
  readonly #keys: readonly Bytes[];
  readonly #flush: Flush;

  constructor({ face }: Scope, slot: ReplySlot, keys: readonly Bytes[], flush: Flush) {
    super(face, slot, keys.length);
    this.#keys = keys;
    this.#flush = flush;
  }

  onPut(tag: number, { code, text }: PutResult): void {
    this.#flush.onDeleted(code, text);
    this.answered(tag, code, text);
  }

  protected override ask(index: number): void {
    const key = this.#keys[index];
    assert(key !== undefined, "no more is asked for than there are keys");
    this.face.member.put(this.#flush.requestOf(key), this, index);
  }

  protected override reply(): void {
    this.#flush.onPageEnd();
  }
}
