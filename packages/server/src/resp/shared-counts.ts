/**
 * Counting all keys asks every member to go through all that it holds. Whoever asks for the number of keys of a
 * namespace while a count of it has not begun yet is told what that one comes to.
 */
import { OUTCOMES, type CountUser, type NamespaceId, type OutcomeCode } from "@kvorum/core";
import type { ReplySlot } from "./reply-slot.ts";
import type { Face, Scope } from "./session.ts";
import type { Walker, WalkQueue } from "./walk-queue.ts";

/** How long a command may wait for a count, in ms: counting touches every partition. */
const COUNT_TIMEOUT_MS = 10_000;

export type CountReply = (slot: ReplySlot, keys: number) => void;

interface Waiter {
  readonly slot: ReplySlot;
  readonly reply: CountReply;
  readonly endMs: number;
}

type CountFace = Pick<Face, "member" | "nowMs">;

export class SharedCounts {
  readonly #face: CountFace;
  readonly #queue: WalkQueue;
  /** Of each namespace, the one that has not begun. */
  readonly #next = new Map<NamespaceId, SharedCount>();
  readonly #begun = new Set<SharedCount>();

  constructor(face: CountFace, queue: WalkQueue) {
    this.#face = face;
    this.#queue = queue;
  }

  /** `reply` is given the number; failures are told as they are. */
  ask({ id, namespace }: Scope, slot: ReplySlot, reply: CountReply): void {
    const waiter = { slot, reply, endMs: this.#face.nowMs() + COUNT_TIMEOUT_MS };
    const next = this.#next.get(namespace);
    if (next !== undefined) {
      next.add(id, waiter);
      return;
    }
    const count = new SharedCount(this.#face, this.#queue, namespace, {
      began: () => {
        this.#next.delete(namespace);
        this.#begun.add(count);
      },
      ended: () => void this.#begun.delete(count),
    });
    count.add(id, waiter);
    this.#next.set(namespace, count);
    this.#queue.enter(namespace, count);
  }

  /** Tells those who have waited for too long. */
  sweep(nowMs: number): void {
    for (const count of this.#all()) count.sweep(nowMs);
  }

  /** A connection has gone. */
  forget(id: number): void {
    for (const count of this.#all()) count.forget(id);
  }

  *#all(): Iterable<SharedCount> {
    yield* this.#next.values();
    yield* this.#begun;
  }
}

interface CountKeeper {
  began(): void;
  ended(): void;
}

class SharedCount implements Walker, CountUser {
  /** Those who wait see to their own deadlines. */
  readonly endMs = Infinity;
  readonly #face: CountFace;
  readonly #queue: WalkQueue;
  readonly #namespace: NamespaceId;
  readonly #keeper: CountKeeper;
  /** By connection, in the order in which they asked. */
  readonly #waiters = new Map<number, Waiter[]>();
  #lastMs = 0;

  constructor(face: CountFace, queue: WalkQueue, namespace: NamespaceId, keeper: CountKeeper) {
    this.#face = face;
    this.#queue = queue;
    this.#namespace = namespace;
    this.#keeper = keeper;
  }

  add(id: number, waiter: Waiter): void {
    const line = this.#waiters.get(id);
    if (line === undefined) this.#waiters.set(id, [waiter]);
    else line.push(waiter);
    this.#lastMs = waiter.endMs;
  }

  go(): void {
    this.#keeper.began();
    if (this.#waiters.size === 0) {
      this.#end();
      return;
    }
    const leftMs = Math.max(1, Math.ceil(this.#lastMs - this.#face.nowMs()));
    this.#face.member.count(this.#namespace, leftMs, this, 0);
  }

  dropped(): void {
    // Nobody owns a count; who waits for it is told or let go one by one.
  }

  onCounted(_tag: number, code: OutcomeCode, keys: number): void {
    this.#end();
    for (const line of this.#waiters.values()) {
      for (const { slot, reply } of line) {
        if (!slot.wanted()) continue;
        if (code === "OK") reply(slot, keys);
        else slot.fail(code, "");
      }
    }
  }

  sweep(nowMs: number): void {
    for (const [id, line] of this.#waiters) {
      while (line[0] !== undefined && nowMs >= line[0].endMs) {
        const late = line.shift();
        if (late?.slot.wanted() === true) late.slot.error(LATE);
      }
      if (line.length === 0) this.#waiters.delete(id);
    }
  }

  forget(id: number): void {
    const line = this.#waiters.get(id);
    this.#waiters.delete(id);
    for (const { slot } of line ?? []) slot.wanted();
  }

  #end(): void {
    this.#keeper.ended();
    this.#queue.leave();
  }
}

const LATE = `${OUTCOMES.TIMEOUT.resp} the keys could not be counted within ${COUNT_TIMEOUT_MS} ms; nothing is lost`;
