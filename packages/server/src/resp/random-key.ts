/**
 * A key by chance. It looks from a random place on, around the ring, for a few keys, and draws one of them. If those
 * were not all there are, it does the same again inside the slot of the one drawn, so that of many keys under one
 * `{tag}` it is not always the first ones. Exactly uniform for few keys; for many it favours those behind large gaps.
 */
import { randomInt } from "node:crypto";
import { SLOTS, slotCursor, slotOf, type Bytes } from "@kvorum/core";
import type { ReplySlot } from "./reply-slot.ts";
import { ScanWalk, walkTime, type WalkPlan, type WalkTime } from "./scan-walk.ts";
import { scopeOf, type Scope } from "./session.ts";

/** Keys from which one is drawn. */
const DRAWN_FROM = 32;
const HASHES = 0x1_0000;

export function replyRandomKey(session: Scope, slot: ReplySlot, walkMs: number): void {
  const scope = scopeOf(session);
  const time = walkTime(scope, walkMs);
  new Circle(scope, slot, 0, SLOTS, time).start((keys, isAll) => {
    const drawn = draw(keys);
    if (drawn === null || isAll) {
      reply(slot, drawn);
      return;
    }
    const within = slotOf(drawn);
    new Circle(scope, slot, within, within + 1, time).start((near) => reply(slot, draw(near) ?? drawn));
  });
}

function draw(keys: readonly Bytes[]): Bytes | null {
  return keys.length === 0 ? null : (keys[randomInt(keys.length)] ?? null);
}

function reply(slot: ReplySlot, key: Bytes | null): void {
  const out = slot.begin();
  if (key === null) out.null();
  else out.bulk(key);
  slot.end();
}

type Found = (keys: readonly Bytes[], isAll: boolean) => void;

/** From a random place in a range of slots to its end, then from its beginning to that place. */
class Circle implements WalkPlan {
  readonly #scope: Scope;
  readonly #slot: ReplySlot;
  readonly #first: number;
  readonly #slotEnd: number;
  readonly #time: WalkTime;
  readonly #place: number;
  readonly #keys: Bytes[] = [];
  #found: Found = () => undefined;
  #isSecondHalf = false;

  constructor(scope: Scope, slot: ReplySlot, first: number, slotEnd: number, time: WalkTime) {
    this.#scope = scope;
    this.#slot = slot;
    this.#first = first;
    this.#slotEnd = slotEnd;
    this.#time = time;
    this.#place = slotCursor(first + randomInt(slotEnd - first), randomInt(HASHES));
  }

  start(found: Found): void {
    this.#found = found;
    this.#walk(this.#place);
  }

  take(keys: readonly Bytes[], cursor: number): boolean {
    this.#keys.push(...keys);
    const isAround = this.#isSecondHalf && cursor >= this.#place;
    return this.#keys.length >= DRAWN_FROM || isAround;
  }

  done(): void {
    if (this.#keys.length >= DRAWN_FROM) this.#found(this.#keys, false);
    else if (this.#isSecondHalf) this.#found(this.#keys, true);
    else {
      this.#isSecondHalf = true;
      this.#walk(slotCursor(this.#first));
    }
  }

  #walk(cursor: number): void {
    const way = { cursor, slotEnd: this.#slotEnd, count: DRAWN_FROM };
    new ScanWalk(this.#scope, this.#slot, way, this.#time, this).start();
  }
}
