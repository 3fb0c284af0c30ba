/** Which acknowledged writes each read must account for, found once for all checkers that ask. */
import { type History, type Operation, mustMeet } from "../workloads/history.ts";

export class Meetings {
  readonly #history: History;
  /** Acknowledged writes that wrote something lawful, by key, in order of invocation. */
  readonly #writes = new Map<string, Operation[]>();
  readonly #met = new Map<Operation, readonly Operation[]>();

  constructor(history: History) {
    this.#history = history;
    for (const operation of history.operations) {
      if (operation.kind === "get" || operation.ending !== "ok" || operation.isForeign) continue;
      const writes = this.#writes.get(operation.key);
      if (writes === undefined) this.#writes.set(operation.key, [operation]);
      else writes.push(operation);
    }
  }

  /** Those that ended before the read began and that it must have met. */
  of(read: Operation): readonly Operation[] {
    let met = this.#met.get(read);
    if (met === undefined) {
      const writes = this.#writes.get(read.key) ?? [];
      met = writes.filter((write) => write.endedUs <= read.invokedUs && mustMeet(read, write, this.#history));
      this.#met.set(read, met);
    }
    return met;
  }
}
