/**
 * Counts the answers to one read. Homes are known by their position in the preference list. A home may be asked
 * again (for the values behind its head), but counts once.
 */
import { assert } from "../base/assert.ts";
import type { QuorumState } from "./write-quorum.ts";

export class ReadQuorum {
  readonly needed: number;
  readonly homes: number;
  readonly #answered: number[] = [];
  #answeredMask = 0;
  #failedMask = 0;

  /** `needed` (1 .. homes) of `homes` must answer. */
  constructor(homes: number, needed: number) {
    assert(homes <= 31 && needed >= 1 && needed <= homes, "a read asks for 1 to n homes");
    this.homes = homes;
    this.needed = needed;
  }

  addAnswer(home: number): void {
    const bit = this.#bit(home);
    this.#failedMask &= ~bit;
    if ((this.#answeredMask & bit) !== 0) return;
    this.#answeredMask |= bit;
    this.#answered.push(home);
  }

  /**
   * A home will not answer: refused, damaged, lost or never sent. One that answered with a head and then cannot
   * give the values behind it takes its answer back.
   */
  addFailure(home: number): void {
    const bit = this.#bit(home);
    this.#failedMask |= bit;
    if ((this.#answeredMask & bit) === 0) return;
    this.#answeredMask &= ~bit;
    this.#answered.splice(this.#answered.indexOf(home), 1);
  }

  hasAnswered(home: number): boolean {
    return (this.#answeredMask & this.#bit(home)) !== 0;
  }

  hasFailed(home: number): boolean {
    return (this.#failedMask & this.#bit(home)) !== 0;
  }

  get state(): QuorumState {
    if (this.#answered.length >= this.needed) return "reached";
    return this.homes - countBits(this.#failedMask) < this.needed ? "impossible" : "pending";
  }

  /** Positions of the homes that answered, in order of their answers. */
  get answered(): readonly number[] {
    return this.#answered;
  }

  #bit(home: number): number {
    assert(home >= 0 && home < this.homes, "only homes answer");
    return 1 << home;
  }
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
