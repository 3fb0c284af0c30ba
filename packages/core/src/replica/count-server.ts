/**
 * Counts of keys under way at this member, for itself and for its peers. Each goes through all that the member holds
 * of some partitions, so only a few are under way at a time: more would take from reads and writes what they need.
 */
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { SlotRange } from "../ring/placement.ts";
import { type CounterParts, type CounterUser, PartitionCounter } from "./partition-counter.ts";

export class CountServer {
  readonly #limits: Pick<Limits, "countsMax">;
  #running = 0;

  constructor(limits: Pick<Limits, "countsMax">) {
    this.#limits = limits;
  }

  /** `OK`: the user will be answered. Otherwise why not, and he will not. `deadline` is a clock. */
  count(
    parts: CounterParts,
    namespace: NamespaceId,
    deadline: number,
    ranges: readonly SlotRange[],
    user: CounterUser,
  ): OutcomeCode {
    if (this.#running >= this.#limits.countsMax) return "OVERLOADED";
    this.#running++;
    const counted: CounterUser = {
      isWanted: () => user.isWanted(),
      onCountEnd: (code, keys) => {
        this.#running--;
        user.onCountEnd(code, keys);
      },
    };
    new PartitionCounter(parts, namespace, deadline, ranges, counted).start();
    return "OK";
  }
}
