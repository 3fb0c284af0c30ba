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

  began(values: number): void {
    if (values === LIST) this.#isListing = true;
    else this.#values += values;
  }

  ended(values: number, replyBytes: number): void {
    if (values === LIST) this.#isListing = false;
    if (values <= 0) return;
    this.#values -= values;
    const each = replyBytes / values;
    if (each > this.#expectedBytes) this.#expectedBytes = each;
    else this.#expectedBytes -= (this.#expectedBytes - each) * SHRINK;
  }
}
