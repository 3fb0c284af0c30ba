/** What clients saw of conditional writes and serial reads: what the linearizability checker looks at. */
import type { Ending, OperationId } from "../../workloads/history.ts";
import { seconds } from "../../workloads/history.ts";
import { type RegisterAction, registerModel } from "./register-model.ts";
import type { Timed } from "./sequential-model.ts";

export interface SerialOperation extends Timed<RegisterAction> {
  readonly id: OperationId;
  readonly key: string;
  /** Only what ended `ok` has a result, and an end that counts. */
  readonly ending: Ending;
}

export interface SerialHistory {
  /** In any order. */
  readonly operations: readonly SerialOperation[];
}

/** One line for people. */
export function describeSerial(operation: SerialOperation): string {
  const { id, client, invokedUs, endedUs, action } = operation;
  const end = endedUs === Infinity ? ", end unknown" : ` to ${seconds(endedUs)}`;
  return `#${id} client ${client} ${registerModel.describe(action)}: ${seconds(invokedUs)}${end} s`;
}
