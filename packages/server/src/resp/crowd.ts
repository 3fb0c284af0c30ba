/**
 * How many requests all clients have under way in the member. It serves them in the order in which they come, so who
 * has a thousand of them there makes everybody wait for a thousand. When there is a crowd, each connection may have
 * its part of `crowdMax` under way, and waits with the others; alone it may have as many as it likes.
 */
import type { RespLimits } from "./limits.ts";

export class Crowd {
  readonly #limits: Pick<RespLimits, "crowdMax" | "crowdShareMin">;
  underWay = 0;
  /** Connections that have something under way. */
  busy = 0;

  constructor(limits: Pick<RespLimits, "crowdMax" | "crowdShareMin">) {
    this.#limits = limits;
  }

  /** How many requests one connection may have under way, at most `most`. */
  share(most: number): number {
    const { crowdMax, crowdShareMin } = this.#limits;
    if (this.underWay < crowdMax) return most;
    return Math.min(most, Math.max(crowdShareMin, Math.floor(crowdMax / Math.max(1, this.busy))));
  }
}

/** What one connection has under way. */
export class Place {
  readonly #crowd: Crowd;
  #underWay = 0;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
  }

  begin(): void {
    if (this.#underWay++ === 0) this.#crowd.busy++;
    this.#crowd.underWay++;
  }

  end(): void {
    if (--this.#underWay === 0) this.#crowd.busy--;
    this.#crowd.underWay--;
  }
}
