/**
 * What a namespace with the policy `lww` may not show any more and yet has not lost: an acknowledged write that lost
 * against a concurrent one stands in the conflict ledger of a member, or is still held by a home that has not met the
 * other. Found on disks, by dot, or by the value where its author does not know the dot.
 */
import {
  type Bytes,
  decodeConflict,
  dotText,
  isRecord,
  isRecordKey,
  placeOfConflictKey,
  versionsOf,
} from "@kvorum/core";
import type { Operation, OperationId } from "../workloads/history.ts";
import { readValue } from "../workloads/values.ts";
import type { Rows } from "./disks.ts";

export interface Kept {
  has(write: Operation): boolean;
  /** Whether some of `others` may have a higher dot, and so be shown instead. */
  isBeaten(write: Operation, others: readonly Operation[]): boolean;
}

/** Where siblings are kept, nothing is excused. */
export const NOT_KEPT: Kept = { has: () => false, isBeaten: () => false };

export class DiskKept implements Kept {
  readonly #dots = new Set<string>();
  readonly #writers = new Set<OperationId>();

  /** `held`: disks when the last reads began, of which records and ledgers count; `later`: of these the ledgers only. */
  constructor(held: readonly Rows[], later: readonly Rows[]) {
    for (const rows of held) for (const [key, value] of rows) if (isRecordKey(key)) this.#addRecord(value);
    for (const rows of [...held, ...later]) {
      for (const [key, value] of rows) if (placeOfConflictKey(key) !== null) this.#addEntry(value);
    }
  }

  has({ dot, id, kind }: Operation): boolean {
    return (dot !== null && this.#dots.has(dotText(dot))) || (kind === "put" && this.#writers.has(id));
  }

  isBeaten({ dot }: Operation, others: readonly Operation[]): boolean {
    if (dot === null) return false;
    return others.some((other) => {
      if (other.dot === null) return true;
      return (
        (other.dot.clock - dot.clock || other.dot.member - dot.member || other.dot.start - dot.start) > 0
      );
    });
  }

  #addRecord(value: Bytes): void {
    if (!isRecord(value)) return;
    for (const version of versionsOf(value)) this.#add(dotText(version.dot), version.value);
  }

  #addEntry(row: Bytes): void {
    const entry = decodeConflict(row);
    if (entry !== null) this.#add(dotText(entry.dot), entry.value ?? new Uint8Array(0));
  }

  #add(dot: string, value: Bytes): void {
    this.#dots.add(dot);
    if (value.length > 0) this.#writers.add(readValue(value).writer);
  }
}
