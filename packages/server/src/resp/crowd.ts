/**
 * How many requests all clients have under way in the member. It serves them in the order in which they come, so who
 * has a thousand of them there makes everybody wait for a thousand. When there is a crowd, each connection may have
 * its part of `crowdMax` under way, and waits with the others; alone it may have as many as it likes. While modest
 * clients are about, the greedy ones have `crowdGreedyMax` among them, however few they are.
 */
import type { RespLimits } from "./limits.ts";

type Bounds = Pick<RespLimits, "crowdMax" | "crowdShareMin" | "crowdGreedyMax">;

export class Crowd {
  readonly #limits: Bounds;
  underWay = 0;
  /** Connections that have something under way. */
  busy = 0;
  /** Connections among them, and commands on many keys, that ask for more than a share. */
  greedy = 0;
  /** Modest clients are about. */
  isPressed = false;

  constructor(limits: Bounds) {
    this.#limits = limits;
  }

  /** How many requests one connection, or one command on several keys, may have under way, at most `most`. */
  share(most: number, isGreedy: boolean): number {
    const { crowdMax, crowdShareMin, crowdGreedyMax } = this.#limits;
    if (isGreedy && this.isPressed) {
      return Math.min(most, Math.max(1, Math.floor(crowdGreedyMax / Math.max(1, this.greedy))));
    }
    if (this.underWay < crowdMax) return most;
    return Math.min(most, Math.max(crowdShareMin, Math.floor(crowdMax / Math.max(1, this.busy))));
  }
}

/** What one connection has under way. */
export class Place {
  readonly #crowd: Crowd;
  #underWay = 0;
  #isGreedy = false;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
  }

  begin(): void {
    if (this.#underWay++ === 0) this.#count(1);
    this.#crowd.underWay++;
  }

  end(): void {
    if (--this.#underWay === 0) this.#count(-1);
    this.#crowd.underWay--;
  }

  set isGreedy(isGreedy: boolean) {
    if (isGreedy === this.#isGreedy) return;
    this.#isGreedy = isGreedy;
    if (this.#underWay > 0) this.#crowd.greedy += isGreedy ? 1 : -1;
  }

  #count(change: 1 | -1): void {
    this.#crowd.busy += change;
    if (this.#isGreedy) this.#crowd.greedy += change;
  }
}
