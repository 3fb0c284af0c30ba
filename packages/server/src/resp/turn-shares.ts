/**
 * How long pipelines may keep the event loop in one turn. As long as the turn is young everybody goes on as far as
 * their bytes reach. Once it has lasted for `turnMsMax`, who has been modest of late still gets a small share at once,
 * and everybody else queues for a later turn. So who asks a few things at a time is answered in every turn, however
 * many others pipeline thousands or ask what takes long; and those take turns among themselves.
 */
import type { RespLimits } from "./limits.ts";

/** Looking at the clock costs about as much as parsing a PING. */
const LOOK_EVERY = 16;

/** Who was modest so long ago is not about any more. */
const ABOUT_MS = 50;

type Bounds = Pick<RespLimits, "turnMsMax" | "turnModestMsMax" | "turnShareMax" | "turnShareMsMax">;

export class TurnShares {
  readonly limits: Bounds;
  readonly nowMs: () => number;
  /** Others are queueing: nobody gets more than a share, and they take turns fast. */
  isCrowded = false;
  /** The number of this turn. */
  turn = 1;
  /** When a modest connection was served last. */
  modestMs = Number.NEGATIVE_INFINITY;
  #beganMs = -1;
  #steps = 0;
  #isLong = false;

  constructor(limits: Bounds, nowMs: () => number) {
    this.limits = limits;
    this.nowMs = nowMs;
  }

  /** The turn is over; the next begins with the next command. */
  end(): void {
    this.turn++;
    this.#beganMs = -1;
    this.#steps = 0;
    this.#isLong = false;
  }

  /** Whether the turn has lasted for long already. */
  isLong(): boolean {
    if (this.#isLong) return true;
    const nowMs = this.nowMs();
    if (this.#beganMs < 0) this.#beganMs = nowMs;
    const { turnMsMax, turnModestMsMax } = this.limits;
    const msMax = this.isModestAbout(nowMs) ? turnModestMsMax : turnMsMax;
    this.#isLong = nowMs - this.#beganMs >= msMax;
    return this.#isLong;
  }

  /** Whether somebody is served who asks a few things at a time. */
  isModestAbout(nowMs: number): boolean {
    return nowMs - this.modestMs < ABOUT_MS;
  }

  /** The same before each command, when it need not be exact. */
  isLongAbout(): boolean {
    return this.#steps++ % LOOK_EVERY === 0 ? this.isLong() : this.#isLong;
  }
}

/** What one connection has had of this turn, and whether it had more than its share when it was last served. */
export class TurnShare {
  #turn = 0;
  #commands = 0;
  #spentMs = 0;
  #enteredMs = 0;
  #wasGreedy = false;
  #isDue = false;
  #isGreedy = false;

  /** The connection begins to be served. `isDue`: it has queued, and gets a share whatever it had before. */
  enter(shares: TurnShares, isDue = false): void {
    this.#enteredMs = shares.nowMs();
    if (isDue) this.#isDue = true;
    if (this.#turn === shares.turn) return;
    this.#isDue = isDue;
    this.#turn = shares.turn;
    this.#commands = 0;
    this.#spentMs = 0;
    this.#wasGreedy = this.#isGreedy;
    this.#isGreedy = false;
  }

  /** Counts one command more; false when it must wait for a later turn. */
  take(shares: TurnShares): boolean {
    const { turnShareMax, turnShareMsMax } = shares.limits;
    if (shares.isLongAbout() || shares.isCrowded) {
      if (this.#wasGreedy && !this.#isDue) {
        this.#isGreedy = true;
        return false;
      }
      const spentMs = this.#spentMs + shares.nowMs() - this.#enteredMs;
      if (this.#commands > 0 && spentMs >= turnShareMsMax) this.#isGreedy = true;
      if (this.#commands >= turnShareMax) this.#isGreedy = true;
      if (this.#isGreedy) return false;
    }
    if (++this.#commands > turnShareMax) this.#isGreedy = true;
    return true;
  }

  /** For now it is not served any more. `isHeldBack`: it has more to ask than it may have under way. */
  leave(shares: TurnShares, isHeldBack = false): void {
    const nowMs = shares.nowMs();
    this.#spentMs += nowMs - this.#enteredMs;
    if (isHeldBack || this.#spentMs >= shares.limits.turnShareMsMax) this.#isGreedy = true;
    if (this.#commands > 0 && !this.isGreedy) shares.modestMs = nowMs;
  }

  /** Whether it had more than its share in this turn, or when it was served before. */
  get isGreedy(): boolean {
    return this.#isGreedy || this.#wasGreedy;
  }
}
