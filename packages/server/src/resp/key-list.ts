/** Commands that answer with a list of keys in one reply, or with their number. */
import { OUTCOMES, type Bytes } from "@kvorum/core";
import { ScanWalk, lateText, walkTime, type WalkPlan, type WalkTime, type Way } from "./scan-walk.ts";
import type { ReplySlot } from "./reply-slot.ts";
import { scopeOf, type Scope } from "./session.ts";
import type { Walker } from "./walk-queue.ts";

export interface ListParts {
  readonly way: Way;
  readonly walkMs: number;
  /** Which keys belong into the list. */
  readonly wanted: (key: Bytes) => boolean;
  /** After so many the list is done. */
  readonly most: number;
}

/** Replies with the keys; beyond the limits of one reply with an error that names SCAN. */
export function replyKeyList(session: Scope, slot: ReplySlot, parts: ListParts): void {
  session.face.walks.lists.enter(session.id, new KeyList(session, slot, parts));
}

class KeyList implements WalkPlan, Walker {
  readonly endMs: number;
  readonly #scope: Scope;
  readonly #slot: ReplySlot;
  readonly #time: WalkTime;
  readonly #parts: ListParts;
  readonly #keysMax: number;
  readonly #keyBytesMax: number;
  readonly #keys: Bytes[] = [];
  #bytes = 0;

  constructor(scope: Scope, slot: ReplySlot, parts: ListParts) {
    const { limits } = scope.face;
    this.#scope = scopeOf(scope);
    this.#slot = slot;
    this.#time = walkTime(scope, parts.walkMs);
    this.endMs = this.#time.endMs;
    this.#parts = parts;
    this.#keysMax = limits.keyListMax;
    this.#keyBytesMax = limits.keyListBytesMax;
  }

  go(): void {
    new ScanWalk(this.#scope, this.#slot, this.#parts.way, this.#time, this).start();
  }

  dropped(): void {
    if (this.#slot.wanted()) this.#slot.error(lateText(this.#time));
  }

  ended(): void {
    this.#scope.face.walks.lists.leave();
  }

  take(keys: readonly Bytes[]): boolean {
    const { wanted, most } = this.#parts;
    for (const key of keys) {
      if (this.#keys.length >= most) return true;
      if (!wanted(key)) continue;
      this.#keys.push(key);
      this.#bytes += key.length;
    }
    return this.#keys.length >= most || this.#isTooLong();
  }

  done(slot: ReplySlot): void {
    if (this.#isTooLong()) {
      const limits = `${this.#keysMax} keys (keyListMax) and ${this.#keyBytesMax} bytes (keyListBytesMax)`;
      slot.error(`${OUTCOMES.LIMIT.resp} more keys than one reply takes, the limits are ${limits}; use SCAN`);
      return;
    }
    const out = slot.begin();
    out.array(this.#keys.length);
    out.reserveBulks(this.#keys.length, this.#bytes);
    for (const key of this.#keys) out.bulk(key);
    slot.end();
  }

  #isTooLong(): boolean {
    return this.#keys.length > this.#keysMax || this.#bytes > this.#keyBytesMax;
  }
}

/** Replies with the number of keys on the way. */
export function replyKeyCount(session: Scope, slot: ReplySlot, way: Way, walkMs: number): void {
  let count = 0;
  const plan: WalkPlan = {
    take(keys) {
      count += keys.length;
      return false;
    },
    done: (waiting) => waiting.integer(count),
  };
  new ScanWalk(session, slot, way, walkTime(session, walkMs), plan).start();
}
