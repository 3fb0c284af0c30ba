/** Conditional writes and serial reads are answered by their deadline, and succeed once whoever they need has healed. */
import type { OpenSerial } from "../workloads/serial-stage.ts";
import type { Violation } from "../workloads/history.ts";
import { describeSerial } from "./linearizability/serial-history.ts";

export function checkSerialLiveness(operations: readonly OpenSerial[]): Violation[] {
  return operations.flatMap((operation) => {
    const { isInTime, isAfterHealing, ending, key, id, code } = operation;
    const what = !isInTime
      ? "was not answered by its deadline"
      : isAfterHealing && ending !== "ok"
        ? `ended in ${code} although whoever it needs had healed`
        : "";
    if (what === "") return [];
    const text = `a serial operation ${what}\n  ${describeSerial(operation)}`;
    return [{ checker: "serial-liveness", key, text, operations: [id] }];
  });
}
