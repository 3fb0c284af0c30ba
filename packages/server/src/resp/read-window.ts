/**
 * How many reads of values one connection may have under way, so that their replies fit in its output: a client that
 * pipelines a thousand reads of 1 MiB gets them all, some at a time, instead of being cut off. Nobody knows the size
 * of a value before it is read, so the largest of late is expected again: at first the largest allowed, and less
 * with each smaller reply.
 *
 * A list, such as the reply of KEYS, is not made of values that were asked for one by one: it may have no entry or be
 * of many MiB, whatever the last one was. So lists come one at a time, each is expected to take half of what there is,
 * and none says anything about the size of a value.
 */
const SHRINK = 1 / 8;

/** In place of a number of values: a list, whose length nobody knows before it is there. */
export const LIST = -1;

export class ReadWindow {
  readonly #budgetBytes: number;
  #expectedBytes: number;
  /** The same of one value alone: what others read says more than the largest allowed. Negative: nothing was read. */
  #singleBytes = -1;
  #values = 0;
  #isListing = false;

  constructor(budgetBytes: number, valueBytesMax: number) {
    this.#budgetBytes = budgetBytes;
    this.#expectedBytes = valueBytesMax;
  }

  /**
   * Whether a read of so many values, or a list, may begin while `unsentBytes` wait to be sent, and at most `budgetBytes` may.
   * One alone always may.
   */
  admits(values: number, unsentBytes: number, budgetBytes = this.#budgetBytes): boolean {
    if (values === 0 || (this.#values === 0 && !this.#isListing)) return true;
    const isList = values === LIST;
    if (isList && this.#isListing) return false;
    const all = this.#values + (isList ? 0 : values);
    const listBytes = isList || this.#isListing ? this.#budgetBytes / 2 : 0;
    const expected = all * this.#expectedBytes + listBytes + unsentBytes;
    return expected <= Math.min(budgetBytes, this.#budgetBytes);
  }

  /** How large the next value is expected to be. */
  get expectedBytes(): number {
    return this.#expectedBytes;
  }

  /**
   * What a read of so many values is expected to take, at most what one reply may have. `typicalBytes`: how large
   * values are that all connections read, in the mean; of as many fresh connections as there are, not all read the largest.
   */
  charge(values: number, typicalBytes: number): number {
    if (values <= 0) return 0;
    if (values > 1) return Math.ceil(Math.min(values * this.#expectedBytes, this.#budgetBytes));
    return Math.ceil(this.#singleBytes < 0 ? Math.min(typicalBytes, this.#expectedBytes) : this.#singleBytes);
  }

  began(values: number): void {
    if (values === LIST) this.#isListing = true;
    else this.#values += values;
  }

  ended(values: number, replyBytes: number): void {
    if (values === LIST) this.#isListing = false;
    if (values <= 0) return;
    this.#values -= values;
    const each = replyBytes / values;
    this.#singleBytes = Math.max(each, this.#singleBytes - (this.#singleBytes - each) * SHRINK);
    if (each > this.#expectedBytes) this.#expectedBytes = each;
    else this.#expectedBytes -= (this.#expectedBytes - each) * (1 - (1 - SHRINK) ** values);
  }
}
