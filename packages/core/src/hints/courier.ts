/**
 * Delivers the hints for one member, for ever. The receiver's acknowledgements are the credits: each opens one more
 * place under way, up to a limit, and whatever fails closes half of them and waits, longer each time, with jitter. A
 * delivery begins when it is its turn in this member's budget for the background.
 */
import { Timer } from "../base/timer-wheel.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { BudgetWaiter } from "../control/budget.ts";
import type { Random } from "../ports/random.ts";
import { type DeliveryParts, type DeliveryUser, HintDelivery } from "./hint-delivery.ts";
import type { Hint, TargetHints } from "./hint-index.ts";

export interface CourierParts extends DeliveryParts {
  readonly limits: Limits;
  readonly random: Random;
}

export class Courier extends Timer implements DeliveryUser, BudgetWaiter {
  readonly #parts: CourierParts;
  readonly #hints: TargetHints;
  readonly #delivered: (hint: Hint) => void;
  #credits = 1;
  #underWay = 0;
  /** Turns that are waited for. */
  #asked = 0;
  #retryMs: number;
  /** A failure waits for the timer. */
  #isResting = false;
  #isSending = false;
  #lastCode: OutcomeCode | "" = "";

  /** `delivered`: the target holds it durably, so it may go. */
  constructor(parts: CourierParts, hints: TargetHints, delivered: (hint: Hint) => void) {
    super();
    this.#parts = parts;
    this.#hints = hints;
    this.#delivered = delivered;
    this.#retryMs = parts.limits.hintRetryMsMin;
  }

  /** How the last delivery ended; empty before there was one. */
  get lastCode(): OutcomeCode | "" {
    return this.#lastCode;
  }

  /** Something is to be delivered, as soon as whoever notes it has also stored it. */
  wake(): void {
    if (this.#underWay + this.#asked === 0 && this.#hints.size > 0) this.#rest();
  }

  /** The target has come back: soon, but not everybody in the same instant. */
  hurry(): void {
    this.#retryMs = this.#parts.limits.hintRetryMsMin;
    this.#isResting = false;
    if (this.#hints.size > 0) this.#rest();
  }

  override onTimer(): void {
    this.#isResting = false;
    this.#send();
  }

  onDelivered(hint: Hint, revision: number, code: OutcomeCode): void {
    const { limits } = this.#parts;
    this.#underWay--;
    this.#lastCode = code;
    if (code === "OK" && revision === hint.revision) this.#delivered(hint);
    else this.#hints.queue.touch(hint);
    if (code === "OK") {
      this.#credits = Math.min(limits.hintsInFlightMax, this.#credits + 1);
      this.#retryMs = limits.hintRetryMsMin;
      if (!this.#isResting) this.#send();
    } else {
      this.#credits = Math.max(1, this.#credits >> 1);
      this.#rest();
    }
  }

  #send(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    while (!this.#isResting && this.#mayAsk()) {
      if (this.#parts.peers.reachable(this.#hints.target)) {
        this.#asked++;
        this.#parts.budget.request("hints", this);
      } else this.#rest();
    }
    this.#isSending = false;
  }

  onGranted(): void {
    this.#asked--;
    const hint = this.#hints.queue.oldest;
    // Something has failed meanwhile, and whoever waits for it begins anew.
    if (hint === null || this.#isResting) return;
    this.#hints.queue.remove(hint);
    this.#underWay++;
    new HintDelivery(this.#parts, hint, this).start();
  }

  #mayAsk(): boolean {
    const busy = this.#underWay + this.#asked;
    return busy < this.#credits && busy < this.#hints.size;
  }

  /** What else fails meanwhile was sent before. */
  #rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    const { timers, random, limits } = this.#parts;
    timers.after(this, this.#retryMs * (0.5 + random.u32() / 0x1_0000_0000));
    this.#retryMs = Math.min(limits.hintRetryMsMax, 2 * this.#retryMs);
  }
}
