/**
 * Bytes that all connections hold together for one purpose. Each connection has an account; whoever sees that the
 * sum is beyond the bound makes the one that holds most let go.
 */
export class Budget {
  readonly bytesMax: number;
  /** The sum of all accounts. */
  bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get isOver(): boolean {
    return this.bytes > this.bytesMax;
  }

  /** More than half is taken: whoever can should hold less. */
  get isTight(): boolean {
    return 2 * this.bytes > this.bytesMax;
  }
}

/** What one connection holds of a budget. */
class Account {
  readonly #budget: Budget;
  #bytes = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }

  set(bytes: number): void {
    if (bytes !== this.#bytes) this.add(bytes - this.#bytes);
  }
}

/** What is bounded over all connections of a face. */
export interface Budgets {
  /** Requests that have not come in whole, and what has not been looked at yet. */
  readonly unfinished: Budget;
  /** Arguments of commands that have begun and not ended. */
  readonly inFlight: Budget;
  /** Replies that the operating system has not taken, or that wait for earlier ones. */
  readonly output: Budget;
  /** Values that are being read for replies, or are expected to be. */
  readonly reading: Budget;
}

/** What one connection holds of them. */
export class Accounts {
  readonly unfinished: Account;
  readonly inFlight: Account;
  readonly unsent: Account;

  constructor(budgets: Budgets) {
    this.unfinished = new Account(budgets.unfinished);
    this.inFlight = new Account(budgets.inFlight);
    this.unsent = new Account(budgets.output);
  }
}
