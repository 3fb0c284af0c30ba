/**
 * Calls one peer on one lane until there is a link, and again when it is lost. Waits grow exponentially with full
 * jitter (Brooker, "Exponential Backoff And Jitter", 2015), so that a member that comes back is not met by everyone
 * at once. A link that did not last does not count as success, or two members of one id would take turns for ever.
 */
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import type { Random } from "../ports/random.ts";
import type { Lane, Transport } from "../ports/transport.ts";

export interface DialerParts {
  readonly limits: Limits;
  readonly random: Random;
  readonly timers: Timers;
  readonly transport: Transport;
}

export class Dialer extends Timer {
  readonly #parts: DialerParts;
  readonly #peer: MemberId;
  readonly #lane: Lane;
  #failures = 0;
  /** When both sides agreed on the link; -1 when there is none. */
  #upAtMs = -1;

  constructor(parts: DialerParts, peer: MemberId, lane: Lane) {
    super();
    this.#parts = parts;
    this.#peer = peer;
    this.#lane = lane;
  }

  dial(): void {
    this.#parts.transport.dial(this.#peer, this.#lane);
  }

  override onTimer(): void {
    this.dial();
  }

  /** Both sides have agreed on the link. */
  connected(nowMs: number): void {
    this.#upAtMs = nowMs;
  }

  /** The call failed, or the link it made is gone: call again later. */
  retry(nowMs: number): void {
    const { limits, timers } = this.#parts;
    const lasted = this.#upAtMs >= 0 && nowMs - this.#upAtMs >= limits.redialMsMax;
    this.#upAtMs = -1;
    if (lasted) this.#failures = 0;
    timers.after(this, this.#delayMs());
    this.#failures++;
  }

  stop(): void {
    this.#parts.timers.cancel(this);
  }

  #delayMs(): number {
    const { redialMsMin, redialMsMax } = this.#parts.limits;
    let capMs = redialMsMin * 2;
    for (let i = 0; i < this.#failures && capMs < redialMsMax; i++) capMs *= 2;
    const spreadMs = Math.max(0, Math.min(capMs, redialMsMax) - redialMsMin);
    return redialMsMin + (this.#parts.random.u32() / 2 ** 32) * spreadMs;
  }
}
