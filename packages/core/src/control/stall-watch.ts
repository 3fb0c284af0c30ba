/**
 * How late what comes in now may be. A member that was paused (SIGSTOP, a long collection, a starved machine) finds
 * in its sockets what was sent long ago, and deadlines in frames cannot tell: the sender's clock may be ahead, and
 * ours has just adopted it. But the member can see that it has not run for a while; so old may be what it reads now.
 */

/** Shorter gaps are the ordinary life of an event loop. */
const STALL_MS = 250;
/** What piled up during a stall takes many reads to come in; for so long all of it counts as late. */
const DRAIN_MS = 1_000;

export class StallWatch {
  #aliveMs: number;
  #lateMs = 0;
  #lateUntilMs = 0;

  constructor(nowMs: number) {
    this.#aliveMs = nowMs;
  }

  /** The member runs. To be called at every input, at least every 100 ms or so. */
  beat(nowMs: number): void {
    const gapMs = nowMs - this.#aliveMs;
    this.#aliveMs = nowMs;
    if (gapMs < STALL_MS) return;
    this.#lateMs = nowMs < this.#lateUntilMs ? this.#lateMs + gapMs : gapMs;
    this.#lateUntilMs = nowMs + DRAIN_MS;
  }

  /** By how much what comes in now may have been delayed here, in ms. */
  lateMs(nowMs: number): number {
    return nowMs < this.#lateUntilMs ? this.#lateMs : 0;
  }
}
