/**
 * Values that expire, and the clock by which that is judged:
 *
 * - A read shows nothing as live whose time had come, when it began, by the clock of its coordinator or of a home
 *   that answered it: expiry is judged at the latest of these.
 * - It calls nothing expired before its time by every clock there is.
 * - The instant by which a member judges is never further ahead of its own wall clock than clocks may be apart:
 *   somebody else's wrong clock is not adopted.
 */
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";

/** Clocks travel in whole milliseconds. */
const SLACK_MS = 2;

export function checkExpiry(history: History): Violation[] {
  const violations: Violation[] = [];
  for (const read of history.operations) {
    if (read.kind !== "get" || read.ending !== "ok") continue;
    const latestMs = Math.max(...[read.member, ...read.answered].map((id) => read.clocksMs[id - 1] ?? 0));
    for (const id of read.values) {
      const write = history.operations[id - 1];
      if (write === undefined) continue;
      const { expiryMs } = write;
      const isExpired = read.expired.includes(id);
      if (isExpired && (expiryMs === 0 || expiryMs > read.latestMs + SLACK_MS))
        violations.push(violation("a read called expired what was not, by any clock", read, write));
      else if (!isExpired && expiryMs !== 0 && expiryMs + SLACK_MS < latestMs)
        violations.push(violation("a read showed what had expired when it began", read, write));
    }
    if (read.judgedMs > read.ownMs + history.clockBoundMs + SLACK_MS)
      violations.push(violation("a read was judged by a clock that should have been refused", read, null));
  }
  return violations;
}

function violation(what: string, read: Operation, write: Operation | null): Violation {
  const lines = write === null ? [read] : [write, read];
  const clocks = `judged at ${read.judgedMs}; clocks when it began: ${read.clocksMs.map(Math.floor).join(" ")}`;
  return {
    checker: "expiry",
    key: read.key,
    text: [what, ...lines.map(describe), clocks].join("\n  "),
    operations: lines.map(({ id }) => id),
  };
}
