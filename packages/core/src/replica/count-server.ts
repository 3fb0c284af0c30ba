/**
 * Counts of keys under way at this member, for itself and for its peers. Each goes through all that the member holds
 * of some partitions, so only a few are under way at a time: more would take from reads and writes what they need.
 */
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { SlotRange } from "../ring/placement.ts";
import { type CounterParts, type CounterUser, PartitionCounter } from "./partition-counter.ts";

export interface CountServerParts extends CounterParts {
  readonly limits: Limits;
}

export class CountServer {
  readonly #parts: CountServerParts;
  #running = 0;

  constructor(parts: CountServerParts) {
    this.#parts = parts;
  }

  /** `OK`: the user will be answered. Otherwise why not, and he will not. `deadline` is a clock. */
  count(
    namespace: NamespaceId,
    deadline: number,
    ranges: readonly SlotRange[],
    user: CounterUser,
  ): OutcomeCode {
    if (this.#running >= this.#parts.limits.countsMax) return "OVERLOADED";
    this.#running++;
    const counted: CounterUser = {
      isWanted: () => user.isWanted(),
      onCountEnd: (code, keys) => {
        this.#running--;
        user.onCountEnd(code, keys);
      },
    };
    new PartitionCounter(this.#parts, namespace, deadline, ranges, counted).start();
    return "OK";
  }
}
