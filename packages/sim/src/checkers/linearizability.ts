/**
 * Conditional writes and serial reads are linearizable, key by key. Keys are judged alone: a history of many objects
 * is linearizable exactly if that of each is (Herlihy & Wing 1990), and many small searches cost less than a large
 * one (P-compositionality, Horn & Kroening 2015).
 *
 * What failed had no effect and is left out. A history that is not decided within the bound counts as a violation:
 * whoever draws workloads keeps them small enough to be judged.
 */
import type { Violation } from "../workloads/history.ts";
import { quoted, registerModel, type Value } from "./linearizability/register-model.ts";
import { type Judgement, judge } from "./linearizability/search.ts";
import {
  describeSerial,
  type SerialHistory,
  type SerialOperation,
} from "./linearizability/serial-history.ts";

/** Some seconds' work for one key; ordinary histories of some hundred operations need a few thousand. */
const STEPS_MAX = 5_000_000;
/** How much of an order that goes on for long is worth showing. */
const SHOWN_MAX = 8;

export function checkLinearizability(history: SerialHistory, stepsMax: number = STEPS_MAX): Violation[] {
  const violations: Violation[] = [];
  for (const [key, operations] of partition(history)) {
    const judgement = judge(registerModel, operations, stepsMax);
    if (judgement.verdict === "linearizable") continue;
    const { order, unplaced } = judgement;
    violations.push({
      checker: "linearizability",
      key,
      text: explain(judgement, operations),
      operations: [...order.slice(-SHOWN_MAX), ...(unplaced === null ? [] : [unplaced])].map(({ id }) => id),
    });
  }
  return violations;
}

/** The operations of each key that may have had an effect. */
function partition({ operations }: SerialHistory): Map<string, SerialOperation[]> {
  const ofKey = new Map<string, SerialOperation[]>();
  for (const operation of operations) {
    if (operation.ending === "failed") continue;
    const endedUs = operation.ending === "ok" ? operation.endedUs : Infinity;
    const judged = { ...operation, endedUs };
    const others = ofKey.get(operation.key);
    if (others === undefined) ofKey.set(operation.key, [judged]);
    else others.push(judged);
  }
  return ofKey;
}

function explain(judgement: Judgement<SerialOperation>, operations: readonly SerialOperation[]): string {
  const { verdict, order, unplaced, steps } = judgement;
  const of = `${order.length} of ${operations.length}`;
  const lines = [
    verdict === "undecided"
      ? `not decided within ${steps} steps; the longest order found places ${of} operations`
      : `no order of the operations explains what clients saw; the longest found places ${of}`,
  ];
  let state: Value = registerModel.initial;
  for (const [at, operation] of order.entries()) {
    state = registerModel.step(state, operation.action)[0] ?? null;
    if (at < order.length - SHOWN_MAX) continue;
    lines.push(`  ${describeSerial(operation)} -> ${quoted(state)}`);
  }
  if (unplaced !== null) {
    const word = verdict === "undecided" ? "not yet placed" : "cannot be placed next";
    lines.push(`${word}, and ended before all others that are left`, `  ${describeSerial(unplaced)}`);
  }
  return lines.join("\n");
}
