/**
 * Goes through a namespace's keys for one command, a page at a time: each page is a bounded piece of work, and other
 * commands run in between. The walk ends when the plan has enough, at the end of the range, with the first failure, or
 * at its own deadline.
 */
import { OUTCOMES, type Bytes, type ScanRequest, type ScanResult, type ScanUser } from "@kvorum/core";
import type { ReplySlot } from "./reply-slot.ts";
import type { Face, Resumable, Scope } from "./session.ts";

/** What a walk is for. */
export interface WalkPlan {
  /** Is given the live keys of one page, and where the next begins (0: nowhere). True: that is enough. */
  take(keys: readonly Bytes[], cursor: number): boolean;
  /** Sees to the reply, or to another walk. */
  done(slot: ReplySlot): void;
}

/** From where, to where, and how many keys at a time. */
export type Way = Pick<ScanRequest, "cursor" | "slotEnd" | "count">;

export class ScanWalk implements ScanUser, Resumable {
  readonly #face: Face;
  readonly #slot: ReplySlot;
  readonly #request: Omit<ScanRequest, "cursor" | "timeoutMs">;
  readonly #plan: WalkPlan;
  readonly #walkMs: number;
  readonly #endMs: number;
  #cursor: number;

  /** `walkMs`: how long all pages together may take. */
  constructor(scope: Scope, slot: ReplySlot, way: Way, walkMs: number, plan: WalkPlan) {
    this.#face = scope.face;
    this.#slot = slot;
    this.#request = { namespace: scope.namespace, slotEnd: way.slotEnd, count: way.count };
    this.#cursor = way.cursor;
    this.#plan = plan;
    this.#walkMs = walkMs;
    this.#endMs = performance.now() + walkMs;
  }

  /** Asks for the next page. */
  resume(): void {
    const { member } = this.#face;
    const leftMs = this.#endMs - performance.now();
    const timeoutMs = Math.max(1, Math.ceil(Math.min(leftMs, member.limits.timeoutMsDefault)));
    member.scan({ ...this.#request, cursor: this.#cursor, timeoutMs }, this, 0);
  }

  onScanned(_tag: number, { code, text, keys, cursor }: ScanResult): void {
    if (!this.#slot.wanted()) return;
    if (code !== "OK") {
      this.#slot.fail(code, text);
      return;
    }
    if (this.#plan.take(keys, cursor) || cursor === 0) {
      this.#plan.done(this.#slot);
      return;
    }
    if (performance.now() >= this.#endMs) {
      const what = `the keys could not all be gone through within ${this.#walkMs} ms; use SCAN`;
      this.#slot.error(`${OUTCOMES.TIMEOUT.resp} ${what}`);
      return;
    }
    this.#cursor = cursor;
    this.#face.later(this);
  }
}
