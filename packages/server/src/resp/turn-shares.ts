/**
 * How long pipelines may keep the event loop in one turn. As long as the turn is young everybody goes on as far as
 * their bytes reach. Once it has lasted for `turnMsMax`, each connection gets a small share and then waits for the
 * next turn: who asks a few things at a time is answered in every turn, however many others pipeline thousands.
 */
import type { RespLimits } from "./limits.ts";

/** Looking at the clock costs about as much as parsing a PING. */
const LOOK_EVERY = 16;

type Bounds = Pick<RespLimits, "turnMsMax" | "turnShareMax" | "turnShareMsMax">;

export class TurnShares {
  readonly #limits: Bounds;
  readonly #nowMs: () => number;
  /** The number of this turn. */
  turn = 1;
  #beganMs = -1;
  #steps = 0;
  #isLong = false;

  constructor(limits: Bounds, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** The turn is over; the next begins with the next command. */
  end(): void {
    this.turn++;
    this.#beganMs = -1;
    this.#steps = 0;
    this.#isLong = false;
  }

  /** Whether a connection that has run commands in this turn may run another. */
  admits(share: TurnShare): boolean {
    if (this.#beganMs < 0) this.#beganMs = this.#nowMs();
    if (!this.#isLong) {
      if (this.#steps++ % LOOK_EVERY !== 0) return true;
      this.#isLong = this.#nowMs() - this.#beganMs >= this.#limits.turnMsMax;
      if (!this.#isLong) return true;
    }
    return share.within(this.#limits, this.#nowMs());
  }
}

/** What one connection has had of this turn. */
export class TurnShare {
  #turn = 0;
  #commands = 0;
  #beganMs = -1;

  /** Counts one command more; false when the connection has had its share, and the command must wait. */
  take(shares: TurnShares): boolean {
    if (this.#turn !== shares.turn) {
      this.#turn = shares.turn;
      this.#commands = 0;
      this.#beganMs = -1;
    }
    if (!shares.admits(this)) return false;
    this.#commands++;
    return true;
  }

  within({ turnShareMax, turnShareMsMax }: Bounds, nowMs: number): boolean {
    if (this.#beganMs < 0) this.#beganMs = nowMs;
    if (this.#commands === 0) return true;
    return this.#commands < turnShareMax && nowMs - this.#beganMs < turnShareMsMax;
  }
}
