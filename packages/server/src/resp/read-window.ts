/**
 * How many reads of values one connection may have under way, so that their replies fit in its output: a client that
 * pipelines a thousand reads of 1 MiB gets them all, some at a time, instead of being cut off. Nobody knows the size
 * of a value before it is read, so the largest of late is expected again: at first the largest allowed, and less
 * with each smaller reply.
 */
const SHRINK = 1 / 8;

export class ReadWindow {
  readonly #budgetBytes: number;
  #expectedBytes: number;
  #values = 0;

  constructor(budgetBytes: number, valueBytesMax: number) {
    this.#budgetBytes = budgetBytes;
    this.#expectedBytes = valueBytesMax;
  }

  /**
   * Whether a read of so many values may begin while `unsentBytes` wait to be sent, and at most `budgetBytes` may.
   * One alone always may.
   */
  admits(values: number, unsentBytes: number, budgetBytes = this.#budgetBytes): boolean {
    if (values === 0 || this.#values === 0) return true;
    const expected = (this.#values + values) * this.#expectedBytes + unsentBytes;
    return expected <= Math.min(budgetBytes, this.#budgetBytes);
  }

  began(values: number): void {
    this.#values += values;
  }

  ended(values: number, replyBytes: number): void {
    if (values === 0) return;
    this.#values -= values;
    const each = replyBytes / values;
    if (each > this.#expectedBytes) this.#expectedBytes = each;
    else this.#expectedBytes -= (this.#expectedBytes - each) * SHRINK;
  }
}
