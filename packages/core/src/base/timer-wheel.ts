/**
 * One wheel for all timers of a member: setting and cancelling cost the same few steps however many there are, and
 * allocate nothing, for nearly every timer (a request's deadline) is cancelled long before it is due.
 *
 * A hashed wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 6): a timer hangs
 * in the bucket of its due time modulo one turn, and whoever visits a bucket passes over those of later turns. A
 * bucket is wider than a millisecond, but no timer fires early, nor late by a bucket: due times are compared.
 */
import { assert } from "./assert.ts";

const BUCKET_MS = 8;
/** One turn is 65 s: longer than any request may take. */
const BUCKETS = 8192;

const IDLE = -1;
/** Taken from its bucket by an `advance` that has not come to it yet. */
const FIRING = -2;

/**
 * What an operation object is, or has several of. `place` belongs to the wheel; others may read `dueMs` and `scheduled`.
 * It is one object of one class behind one field, for a field of a base class is set slowly in classes of many shapes:
 * with the five of a place here, beginning a timer took 2 us.
 */
export abstract class Timer {
  readonly place: Place = new Place(this);

  /** 0 before it was scheduled. */
  get dueMs(): number {
    return this.place.dueMs;
  }

  get scheduled(): boolean {
    return this.place.bucket !== IDLE;
  }

  /** It is no longer scheduled by then, so it may be scheduled again. */
  abstract onTimer(nowMs: number): void;
}

/** Where a timer hangs in the wheel. */
class Place {
  dueMs = 0;
  bucket = IDLE;
  order = 0;
  next: Place | null = null;
  previous: Place | null = null;
  readonly timer: Timer;

  constructor(timer: Timer) {
    this.timer = timer;
  }
}

export class TimerWheel {
  readonly #heads = new Array<Place | null>(BUCKETS).fill(null);
  /** One bit for each bucket that is not empty. */
  readonly #occupied = new Int32Array(BUCKETS / 32);
  readonly #firing: Place[] = [];
  /** Everything due in earlier ticks (of `BUCKET_MS`) has fired. */
  #tick: number;
  #order = 0;
  #size = 0;
  #advancing = false;

  constructor(nowMs: number) {
    assert(nowMs >= 0 && nowMs < Infinity, "monotonic time is not negative");
    this.#tick = Math.floor(nowMs / BUCKET_MS);
  }

  /** How many timers are scheduled. */
  get size(): number {
    return this.#size;
  }

  /** Sets a timer, or sets it anew. One that is due already fires at the next `advance`. */
  schedule(timer: Timer, dueMs: number): void {
    assert(dueMs > -Infinity && dueMs < Infinity, "a timer has a finite due time");
    this.cancel(timer);
    const { place } = timer;
    const bucket = Math.max(Math.floor(dueMs / BUCKET_MS), this.#tick) % BUCKETS;
    const head = this.#heads[bucket] ?? null;
    place.dueMs = dueMs;
    place.order = this.#order++;
    place.bucket = bucket;
    place.next = head;
    if (head === null)
      this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] ?? 0) | (1 << (bucket & 31));
    else head.previous = place;
    this.#heads[bucket] = place;
    this.#size++;
  }

  /** Does nothing to a timer that is not scheduled. */
  cancel(timer: Timer): void {
    const { place } = timer;
    const { bucket } = place;
    if (bucket === IDLE) return;
    if (bucket !== FIRING) this.#unlink(place, bucket);
    place.bucket = IDLE;
    this.#size--;
  }

  /**
   * Fires, in order of (due, order of scheduling), every timer due at `nowMs` that was scheduled before this call
   * and is not cancelled or set anew by those that fire before it.
   */
  advance(nowMs: number): void {
    assert(!this.#advancing, "no timer advances the wheel that it fires from");
    this.#advancing = true;
    this.#collect(nowMs);
    const firing = this.#firing;
    if (firing.length > 1) firing.sort(comparePlaces);
    for (const place of firing) {
      if (place.bucket !== FIRING) continue;
      place.bucket = IDLE;
      this.#size--;
      place.timer.onTimer(nowMs);
    }
    firing.length = 0;
    this.#advancing = false;
  }

  /** When the next timer is due; Infinity when there is none. */
  nextDueMs(): number {
    let earliest = Infinity;
    for (let tick = this.#tick; tick < this.#tick + BUCKETS; tick = this.#nextOccupied(tick + 1)) {
      const turnEndMs = (tick + 1) * BUCKET_MS;
      for (let place = this.#heads[tick % BUCKETS] ?? null; place !== null; place = place.next) {
        if (place.dueMs < earliest) earliest = place.dueMs;
      }
      if (earliest < turnEndMs) return earliest;
    }
    return earliest;
  }

  #collect(nowMs: number): void {
    const first = this.#tick;
    const last = Math.max(first, Math.floor(nowMs / BUCKET_MS));
    const end = Math.min(last, first + BUCKETS - 1);
    this.#tick = last;
    for (let tick = first; tick <= end; tick = this.#nextOccupied(tick + 1)) {
      const bucket = tick % BUCKETS;
      let place = this.#heads[bucket] ?? null;
      while (place !== null) {
        const { next }: Place = place;
        if (place.dueMs <= nowMs) {
          this.#unlink(place, bucket);
          place.bucket = FIRING;
          this.#firing.push(place);
        }
        place = next;
      }
    }
  }

  #unlink(place: Place, bucket: number): void {
    const { next, previous } = place;
    if (next !== null) next.previous = previous;
    if (previous !== null) previous.next = next;
    else {
      this.#heads[bucket] = next;
      if (next === null)
        this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] ?? 0) & ~(1 << (bucket & 31));
    }
    place.next = null;
    place.previous = null;
  }

  /** The first tick at or after this one whose bucket is not empty, or one turn on. */
  #nextOccupied(tick: number): number {
    const end = tick + BUCKETS;
    let at = tick;
    while (at < end) {
      const rest = (this.#occupied[(at % BUCKETS) >> 5] ?? 0) & (-1 << (at & 31));
      if (rest !== 0) return at - (at & 31) + (31 - Math.clz32(rest & -rest));
      at += 32 - (at & 31);
    }
    return end;
  }
}

function comparePlaces(a: Place, b: Place): number {
  return a.dueMs - b.dueMs || a.order - b.order;
}
