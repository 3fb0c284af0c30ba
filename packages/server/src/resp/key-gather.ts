/**
 * A command on several keys: one request per key, a bounded number of them at a time, and one reply when all have
 * been answered. The keys are independent of each other; a failure says what that means for the others.
 */
import {
  OUTCOMES,
  assert,
  type Bytes,
  type GetRequest,
  type GetResult,
  type GetUser,
  type OutcomeCode,
  type PutRequest,
  type PutResult,
  type PutUser,
} from "@kvorum/core";
import { failureText, type ReplySlot } from "./reply-slot.ts";
import type { Face, Resumable } from "./session.ts";

/** Sees to the requests; what becomes of them is for whoever extends it. */
export abstract class KeyGather implements Resumable {
  protected readonly face: Face;
  protected readonly slot: ReplySlot;
  readonly #count: number;
  #next = 0;
  #running = 0;
  #waiting = false;
  readonly #isGreedy: boolean;
  #failedAt = -1;
  #failure = "";

  constructor(face: Face, slot: ReplySlot, count: number) {
    this.face = face;
    this.slot = slot;
    this.#count = count;
    this.#isGreedy = count > face.limits.turnShareMax;
  }

  start(): void {
    assert(this.#count > 0, "there are keys to ask for");
    if (this.#isGreedy) this.face.crowd.greedy++;
    this.resume();
  }

  /** Sends as many requests as may be under way; the others follow at the ends of later turns. */
  resume(): void {
    this.#waiting = false;
    const { crowd, limits } = this.face;
    // What is answered at once leaves room for more at once, and would go on to the end.
    const end = Math.min(this.#count, this.#next + limits.fanOutMax);
    while (this.#next < end && this.#running < crowd.share(this.fanOut(limits.fanOutMax), this.#isGreedy)) {
      this.#running++;
      crowd.underWay++;
      this.ask(this.#next++);
    }
  }

  /** How many requests may be under way, at most `most`. */
  protected fanOut(most: number): number {
    return most;
  }

  /** What has not been asked for will not be. */
  protected stop(): void {
    this.#next = this.#count;
  }

  protected abstract ask(index: number): void;

  /** All are answered. `failure`: that of the first key in order that has one, or empty. */
  protected abstract reply(failure: string): void;

  protected answered(index: number, code: OutcomeCode, text: string): void {
    if (code !== "OK" && (this.#failedAt < 0 || index < this.#failedAt)) {
      this.#failedAt = index;
      this.#failure = failureText(code, text);
    }
    this.#running--;
    this.face.crowd.underWay--;
    if (this.#next < this.#count) {
      if (this.#waiting) return;
      this.#waiting = true;
      this.face.later(this);
    } else if (this.#running === 0) {
      if (this.#isGreedy) this.face.crowd.greedy--;
      if (this.slot.wanted()) this.reply(this.#failure);
    }
  }
}

/** What reads of several keys become: `take` sees each result, `done` writes the reply. */
export interface ReadPlan {
  /** False: no more need be asked for. */
  take(index: number, result: GetResult): boolean;
  /** How many reads may be under way, at most `most`. */
  fanOut(most: number): number;
  done(slot: ReplySlot): void;
}

export class ReadGather extends KeyGather implements GetUser {
  readonly #keys: readonly Bytes[];
  readonly #requestOf: (key: Bytes) => GetRequest;
  readonly #plan: ReadPlan;

  /** Requests are made when it is their turn: thousands at once would be moved about by every collection. */
  constructor(
    face: Face,
    slot: ReplySlot,
    keys: readonly Bytes[],
    requestOf: (key: Bytes) => GetRequest,
    plan: ReadPlan,
  ) {
    super(face, slot, keys.length);
    this.#keys = keys;
    this.#requestOf = requestOf;
    this.#plan = plan;
  }

  onGet(tag: number, result: GetResult): void {
    const isEnough = result.code === "OK" && !this.#plan.take(tag, result);
    if (isEnough || this.slot.isOrphan) this.stop();
    this.answered(tag, result.code, result.text);
  }

  protected override ask(index: number): void {
    const key = this.#keys[index];
    assert(key !== undefined, "no more is asked for than there are keys");
    this.face.member.get(this.#requestOf(key), this, index);
  }

  protected override fanOut(most: number): number {
    return this.#plan.fanOut(most);
  }

  protected override reply(failure: string): void {
    if (failure === "") this.#plan.done(this.slot);
    else this.slot.error(failure);
  }
}

export class WriteGather extends KeyGather implements PutUser {
  readonly #requests: readonly PutRequest[];
  readonly #done: (slot: ReplySlot, existed: number) => void;
  #written = 0;
  #existed = 0;
  #indefinite = false;

  /** `done` is told how many of the keys existed. */
  constructor(
    face: Face,
    slot: ReplySlot,
    requests: readonly PutRequest[],
    done: (slot: ReplySlot, existed: number) => void,
  ) {
    super(face, slot, requests.length);
    this.#requests = requests;
    this.#done = done;
  }

  onPut(tag: number, result: PutResult): void {
    if (result.code === "OK") this.#written++;
    else if (!OUTCOMES[result.code].definite) this.#indefinite = true;
    if (result.code === "OK" && result.existed) this.#existed++;
    this.answered(tag, result.code, result.text);
  }

  protected override ask(index: number): void {
    const request = this.#requests[index];
    assert(request !== undefined, "every key has a request");
    this.face.member.put(request, this, index);
  }

  /** A definite failure of one key says nothing definite about the command when another key was written. */
  protected override reply(failure: string): void {
    if (failure === "") this.#done(this.slot, this.#existed);
    else if (this.#written === 0 && !this.#indefinite) this.slot.error(failure);
    else this.slot.error(this.#partial(failure));
  }

  #partial(failure: string): string {
    const count = `${this.#written} of ${this.#requests.length} keys were written`;
    return `${OUTCOMES.UNKNOWN.resp} ${count}; the first failure was: ${failure}`;
  }
}
