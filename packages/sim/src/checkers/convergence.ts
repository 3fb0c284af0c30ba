/**
 * All homes of a key hold the same bytes, and nobody's are damaged. True of a cluster only when whatever repairs it
 * has had its time.
 */
import { type Bytes, type MemberId, bytesEqual, isRecord, isRecordKey, slotOfRecordKey } from "@kvorum/core";
import type { Disks } from "./disks.ts";
import type { Violation } from "../workloads/history.ts";

/** Members whose disks are not given are not compared. */
export function checkConvergence(
  disks: Disks,
  homesOfSlot: (slot: number) => readonly MemberId[],
): Violation[] {
  const records = new Map<string, Map<MemberId, Bytes>>();
  const slots = new Map<string, number>();
  for (const [member, rows] of disks) {
    for (const [key, value] of rows) {
      if (!isRecordKey(key)) continue;
      const name = Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
      slots.set(name, slotOfRecordKey(key));
      const copies = records.get(name) ?? new Map<MemberId, Bytes>();
      records.set(name, copies.set(member, value));
    }
  }
  const violations: Violation[] = [];
  for (const [name, copies] of records) {
    const homes = homesOfSlot(slots.get(name) ?? 0).filter((home) => disks.has(home));
    const held = homes.map((home) => copies.get(home) ?? null);
    const damaged = homes.filter((_, at) => isDamaged(held[at] ?? null));
    const first = held[0] ?? null;
    const isOne = held.every((copy) => copy !== null && first !== null && bytesEqual(copy, first));
    if (damaged.length > 0) violations.push(found(name, `is damaged at ${damaged.join(" ")}`));
    else if (!isOne) violations.push(found(name, `differs between its homes ${homes.join(" ")}`));
  }
  return violations;
}

function isDamaged(record: Bytes | null): boolean {
  return record !== null && !isRecord(record);
}

function found(name: string, what: string): Violation {
  return { checker: "convergence", key: name, text: `record ${name} ${what}`, operations: [] };
}
