/**
 * Nothing hangs: every operation given to a member that ran is answered by its deadline (and a little), and once
 * faults have healed every operation succeeds and all members read the same.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";

export function checkLiveness(history: History): Violation[] {
  const violations: Violation[] = [];
  for (const operation of history.operations) {
    if (!operation.isInTime) violations.push(violation("was not answered by its deadline", operation));
    else if (operation.isAfterHealing && operation.ending !== "ok" && !isExcused(operation)) {
      violations.push(violation("did not succeed although whoever it needs had healed", operation));
    }
  }
  return violations;
}

function isExcused({ excuses, code }: Operation): boolean {
  return excuses.includes(code);
}

/** `finalReads`: acknowledged reads of all homes, with nothing else under way; one key's reads must agree. */
export function checkAgreement(finalReads: readonly Operation[]): Violation[] {
  const first = new Map<string, Operation>();
  const violations: Violation[] = [];
  for (const read of finalReads) {
    const other = first.get(read.key);
    if (other === undefined) first.set(read.key, read);
    else if (contents(other) !== contents(read)) {
      violations.push({
        checker: "agreement",
        key: read.key,
        text: `two reads of all homes differ\n  ${describe(other)}\n  ${describe(read)}`,
        operations: [other.id, read.id],
      });
    }
  }
  return violations;
}

function contents(read: Operation): string {
  return `${read.values.toSorted((a, b) => a - b).join(" ")} and ${read.tombstones} tombstones`;
}

function violation(what: string, operation: Operation): Violation {
  return {
    checker: "liveness",
    key: operation.key,
    text: `an operation ${what}\n  ${describe(operation)}`,
    operations: [operation.id],
  };
}
