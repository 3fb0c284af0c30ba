/** Commands that answer with a list of keys in one reply, or with their number. */
import { OUTCOMES, type Bytes } from "@kvorum/core";
import { ScanWalk, type WalkPlan, type Way } from "./scan-walk.ts";
import type { ReplySlot } from "./reply-slot.ts";
import type { Session } from "./session.ts";

export interface ListParts {
  readonly way: Way;
  readonly walkMs: number;
  /** Which keys belong into the list. */
  readonly wanted: (key: Bytes) => boolean;
  /** After so many the list is done. */
  readonly most: number;
}

/** Replies with the keys; beyond the limits of one reply with an error that names SCAN. */
export function replyKeyList(session: Session, slot: ReplySlot, parts: ListParts): void {
  new ScanWalk(session, slot, parts.way, parts.walkMs, new KeyList(session, parts)).resume();
}

class KeyList implements WalkPlan {
  readonly #parts: ListParts;
  readonly #keysMax: number;
  readonly #keyBytesMax: number;
  readonly #keys: Bytes[] = [];
  #bytes = 0;

  constructor({ face }: Session, parts: ListParts) {
    this.#parts = parts;
    this.#keysMax = face.limits.keyListMax;
    this.#keyBytesMax = face.limits.keyListBytesMax;
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
    for (const key of this.#keys) out.bulk(key);
    slot.end();
  }

  #isTooLong(): boolean {
    return this.#keys.length > this.#keysMax || this.#bytes > this.#keyBytesMax;
  }
}

/** Replies with the number of keys on the way. */
export function replyKeyCount(session: Session, slot: ReplySlot, way: Way, walkMs: number): void {
  let count = 0;
  const plan: WalkPlan = {
    take(keys) {
      count += keys.length;
      return false;
    },
    done: (waiting) => waiting.integer(count),
  };
  new ScanWalk(session, slot, way, walkMs, plan).resume();
}
