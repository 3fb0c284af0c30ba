/** A token is good for its own key only: a write with another key's is refused, and says so. */
import type { History, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";

export function checkTokens(history: History): Violation[] {
  return history.operations
    .filter(({ isForeign, ending }) => isForeign && ending === "ok")
    .map((operation) => ({
      checker: "tokens",
      key: operation.key,
      text: `a write with another key's token was acknowledged\n  ${describe(operation)}`,
      operations: [operation.id],
    }));
}
