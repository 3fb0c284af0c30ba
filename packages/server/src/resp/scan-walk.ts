/**
 * Goes through a namespace's keys for one command, a page at a time: each page is a bounded piece of work that has to
 * wait for its turn, and other commands run in between. The walk ends when the plan has enough, at the end of the
 * range, with the first failure, or at its own deadline.
 */
import { OUTCOMES, type Bytes, type ScanRequest, type ScanResult, type ScanUser } from "@kvorum/core";
import type { ReplySlot } from "./reply-slot.ts";
import type { Face, Scope } from "./session.ts";
import type { Walker } from "./walk-queue.ts";

/** What a walk is for. */
export interface WalkPlan {
  /** Is given the live keys of one page, and where the next begins (0: nowhere). True: that is enough. */
  take(keys: readonly Bytes[], cursor: number): boolean;
  /** Sees to the reply, or to another walk. */
  done(slot: ReplySlot): void;
  /** The walk has ended, well or not, before `done`; or its client has gone. */
  ended?(): void;
}

/** From where, to where, and how many keys at a time. */
export type Way = Pick<ScanRequest, "cursor" | "slotEnd" | "count">;

/** How long all the pages of a command together may take, waiting included, and until when by the face's clock. */
export interface WalkTime {
  readonly walkMs: number;
  readonly endMs: number;
}

export function walkTime({ face }: Pick<Scope, "face">, walkMs: number): WalkTime {
  return { walkMs, endMs: face.nowMs() + walkMs };
}

export function lateText({ walkMs }: WalkTime): string {
  return `${OUTCOMES.TIMEOUT.resp} the keys could not all be gone through within ${walkMs} ms; use SCAN`;
}

export class ScanWalk implements ScanUser, Walker {
  readonly endMs: number;
  readonly #face: Face;
  readonly #owner: number;
  readonly #slot: ReplySlot;
  readonly #request: Omit<ScanRequest, "cursor" | "timeoutMs">;
  readonly #plan: WalkPlan;
  readonly #time: WalkTime;
  #cursor: number;

  constructor(scope: Scope, slot: ReplySlot, way: Way, time: WalkTime, plan: WalkPlan) {
    this.#face = scope.face;
    this.#owner = scope.id;
    this.#slot = slot;
    this.#request = { namespace: scope.namespace, slotEnd: way.slotEnd, count: way.count };
    this.#cursor = way.cursor;
    this.#plan = plan;
    this.#time = time;
    this.endMs = time.endMs;
  }

  start(): void {
    this.#face.walks.pages.enter(this.#owner, this);
  }

  /** Asks for the next page. */
  go(): void {
    const { member } = this.#face;
    const leftMs = this.endMs - this.#face.nowMs();
    const timeoutMs = Math.max(1, Math.ceil(Math.min(leftMs, member.limits.timeoutMsDefault)));
    member.scan({ ...this.#request, cursor: this.#cursor, timeoutMs }, this, 0);
  }

  dropped(): void {
    this.#plan.ended?.();
    if (this.#slot.wanted()) this.#slot.error(lateText(this.#time));
  }

  onScanned(_tag: number, { code, text, keys, cursor }: ScanResult): void {
    const { pages } = this.#face.walks;
    if (code === "OVERLOADED" && this.#face.nowMs() < this.endMs) {
      pages.again(this.#owner, this);
      return;
    }
    pages.leave();
    if (!this.#slot.wanted()) {
      this.#plan.ended?.();
    } else if (code !== "OK") {
      this.#plan.ended?.();
      this.#slot.fail(code, text);
    } else if (this.#plan.take(keys, cursor) || cursor === 0) {
      this.#plan.ended?.();
      this.#plan.done(this.#slot);
    } else if (this.#face.nowMs() >= this.endMs) this.dropped();
    else {
      this.#cursor = cursor;
      pages.enter(this.#owner, this);
    }
  }
}
