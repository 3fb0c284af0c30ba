/**
 * Counts the acknowledgements of one write. Pure: it knows homes (and fallbacks, where they are allowed to stand in) by
 * their position in the preference list, and decides nothing but whether the write has reached enough of them, still may, or cannot any more.
 */
import { assert } from "../base/assert.ts";

export type QuorumState = "pending" | "reached" | "impossible";

export class WriteQuorum {
  readonly needed: number;
  readonly homes: number;
  readonly #acked: number[] = [];
  #answeredMask = 0;
  #ackedMask = 0;
  #synced = 0;
  #failed = 0;

  /** `homes` of them get the write; `needed` (1 .. homes) must acknowledge it. */
  constructor(homes: number, needed: number) {
    assert(homes <= 31 && needed >= 1 && needed <= homes, "a write asks for 1 to n homes");
    this.homes = homes;
    this.needed = needed;
  }

  /** A home holds the write. Says whether it was news: a home counts once, whatever it sends. */
  addAck(home: number, fsynced: boolean): boolean {
    if (!this.#firstAnswer(home)) return false;
    this.#acked.push(home);
    this.#ackedMask |= this.#bit(home);
    if (fsynced) this.#synced++;
    return true;
  }

  /** A home will not acknowledge: refused, lost or never sent. */
  addFailure(home: number): boolean {
    if (!this.#firstAnswer(home)) return false;
    this.#failed++;
    return true;
  }

  hasAnswered(home: number): boolean {
    return (this.#answeredMask & this.#bit(home)) !== 0;
  }

  hasAcked(home: number): boolean {
    return (this.#ackedMask & this.#bit(home)) !== 0;
  }

  get state(): QuorumState {
    if (this.#acked.length >= this.needed) return "reached";
    return this.homes - this.#failed < this.needed ? "impossible" : "pending";
  }

  /** Positions of the homes that acknowledged, in order of their answers. */
  get acked(): readonly number[] {
    return this.#acked;
  }

  get fsynced(): number {
    return this.#synced;
  }

  #firstAnswer(home: number): boolean {
    const bit = this.#bit(home);
    if ((this.#answeredMask & bit) !== 0) return false;
    this.#answeredMask |= bit;
    return true;
  }

  #bit(home: number): number {
    assert(home >= 0 && home < this.homes, "only homes answer");
    return 1 << home;
  }
}
