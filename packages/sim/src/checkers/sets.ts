/**
 * Unique elements: an addition writes the union of all that its client had read and one element more, with the read's
 * token. So no element may ever go: a read that must meet an acknowledged addition returns everything it wrote. And
 * no element comes from nowhere.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";
import { Meetings } from "./meetings.ts";

export function checkSets(
  history: History,
  isSet: (key: string) => boolean,
  meetings = new Meetings(history),
): Violation[] {
  const violations: Violation[] = [];
  for (const read of history.operations) {
    if (read.kind !== "get" || read.ending !== "ok" || !isSet(read.key)) continue;
    const returned = new Set(read.elements);
    for (const addition of meetings.of(read)) {
      const missing = addition.elements.filter((element) => !returned.has(element));
      if (missing.length === 0) continue;
      violations.push(violation(`element ${missing.join(", ")} of a set is gone`, read, addition));
    }
    for (const element of read.elements) {
      const addition = history.operations[element - 1];
      const isReal = addition?.kind === "put" && addition.key === read.key && addition.ending !== "failed";
      if (!isReal) violations.push(violation(`nobody added element ${element} to this set`, read, addition));
    }
  }
  return violations;
}

function violation(what: string, read: Operation, addition: Operation | undefined): Violation {
  const lines = addition === undefined ? [read] : [addition, read];
  return {
    checker: "sets",
    key: read.key,
    text: [what, ...lines.map(describe)].join("\n  "),
    operations: lines.map(({ id }) => id),
  };
}
