/** Who of a key's homes was asked in a phase of a round, and how each has answered. A set of bits each, by position. */
import type { MemberId } from "../model/member.ts";

export class Poll {
  readonly #homes: readonly MemberId[];
  readonly #needed: number;
  #asked = 0;
  #good = 0;
  #bad = 0;
  #damaged = 0;

  constructor(homes: readonly MemberId[], needed: number) {
    this.#homes = homes;
    this.#needed = needed;
  }

  /** A new phase: nobody was asked. */
  reset(): void {
    this.#asked = 0;
    this.#good = 0;
    this.#bad = 0;
    this.#damaged = 0;
  }

  ask(home: MemberId): void {
    this.#asked |= this.#bitOf(home);
  }

  wasAsked(home: MemberId): boolean {
    return (this.#asked & this.#bitOf(home)) !== 0;
  }

  isAwaited(home: MemberId): boolean {
    return (this.#asked & ~this.#good & ~this.#bad & this.#bitOf(home)) !== 0;
  }

  hasAnsweredWell(home: MemberId): boolean {
    return (this.#good & this.#bitOf(home)) !== 0;
  }

  onGood(home: MemberId): void {
    this.#good |= this.#bitOf(home);
  }

  onBad(home: MemberId, isDamaged: boolean): void {
    this.#bad |= this.#bitOf(home);
    if (isDamaged) this.#damaged |= this.#bitOf(home);
  }

  /** Enough have answered well. */
  get isReached(): boolean {
    return countBits(this.#good) >= this.#needed;
  }

  /** Enough can no longer answer well. */
  get isLost(): boolean {
    return this.#homes.length - countBits(this.#bad) < this.#needed;
  }

  /** Somebody who was asked has not answered. */
  get isOpen(): boolean {
    return (this.#asked & ~this.#good & ~this.#bad) !== 0;
  }

  /** Those asked who may answer well yet, or have, are not enough. */
  get wantsMore(): boolean {
    return countBits(this.#asked & ~this.#bad) < this.#needed && countBits(this.#asked) < this.#homes.length;
  }

  /** Those that were asked and have not answered badly: they have answered well, or may yet. */
  get mayBeGood(): MemberId[] {
    return this.#homes.filter((home) => (this.#asked & ~this.#bad & this.#bitOf(home)) !== 0);
  }

  /** The one home whose acceptor is damaged, when all others have answered well; 0: there is none. */
  get lastDamaged(): MemberId {
    const all = (1 << this.#homes.length) - 1;
    if (countBits(this.#damaged) !== 1 || (this.#good | this.#damaged) !== all) return 0;
    return this.#homes.find((home) => this.#bitOf(home) === this.#damaged) ?? 0;
  }

  #bitOf(home: MemberId): number {
    const at = this.#homes.indexOf(home);
    return at < 0 ? 0 : 1 << at;
  }
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
