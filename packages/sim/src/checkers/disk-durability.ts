/**
 * Every home that acknowledged a write still has it, or something that had seen it: the record on its disk claims the
 * write's dot. Contexts never shrink, so this needs no reader and no luck. Copies that are damaged and not replaced yet
 * are passed over; whoever lost its disk, or power before an `os` write was safe, is not bound any more.
 */
import {
  type Bytes,
  type Dot,
  type MemberId,
  claimedOf,
  contextOf,
  isRecord,
  recordKey,
  slotOf,
} from "@kvorum/core";
import type { History, Operation, Violation } from "../workloads/history.ts";
import { boundHolders, describe } from "../workloads/history.ts";
import { NAMESPACE, keyBytes } from "../workloads/key-bytes.ts";
import type { Disks, Rows } from "./disks.ts";

/** `disks`: of members that run and have recovered, at this instant. */
export function checkDisks(history: History, disks: Disks, atUs: number): Violation[] {
  const violations: Violation[] = [];
  const records = new Map([...disks].map(([member, rows]) => [member, contextsOf(rows)]));
  for (const write of history.operations) {
    const { dot } = write;
    if (write.kind === "get" || write.ending !== "ok" || dot === null || write.endedUs > atUs) continue;
    for (const holder of boundHolders(write, history, atUs)) {
      const contexts = records.get(holder);
      if (contexts === undefined || isClaimed(contexts, write, dot)) continue;
      violations.push(violation(holder, write));
    }
  }
  return violations;
}

/** The context of each record, by its place; null where the record is damaged. */
function contextsOf(rows: Rows): Map<string, Bytes | null> {
  return new Map(rows.map(([key, value]) => [nameOf(key), isRecord(value) ? contextOf(value) : null]));
}

function nameOf(storageKey: Bytes): string {
  return storageKey.join(" ");
}

function isClaimed(
  contexts: ReadonlyMap<string, Bytes | null>,
  { key }: Operation,
  { member, start, clock }: Dot,
): boolean {
  const name = keyBytes(key);
  const context = contexts.get(nameOf(recordKey(slotOf(name), NAMESPACE, name)));
  if (context === undefined) return false;
  return context === null || claimedOf(context, member, start) >= clock;
}

function violation(holder: MemberId, write: Operation): Violation {
  return {
    checker: "disks",
    key: write.key,
    text: `member ${holder} acknowledged a write and holds neither it nor anything that had seen it\n  ${describe(write)}`,
    operations: [write.id],
  };
}
