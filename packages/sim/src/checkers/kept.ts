/**
 * What a namespace with the policy `lww` may not show any more and yet has not lost: an acknowledged write that lost
 * against a concurrent one stands in the conflict ledger of a member, or is still held by a home that has not met the
 * other. Found on disks, by dot, or by the value where its author does not know the dot.
 */
import {
  type Bytes,
  type Dot,
  EMPTY_BYTES,
  type VersionKind,
  decodeConflict,
  dotText,
  isRecord,
  isRecordKey,
  keyOfRecordKey,
  placeOfConflictKey,
  versionsOf,
} from "@kvorum/core";
import type { Operation, OperationId } from "../workloads/history.ts";
import { keyText } from "../workloads/key-bytes.ts";
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
  /** Keys of which a tombstone is kept. */
  readonly #tombstones = new Set<string>();

  /** `held`: disks when the last reads began, of which records and ledgers count; `later`: of these the ledgers only. */
  constructor(held: readonly Rows[], later: readonly Rows[]) {
    for (const rows of held)
      for (const [key, value] of rows) if (isRecordKey(key)) this.#addRecord(key, value);
    for (const rows of [...held, ...later]) {
      for (const [key, value] of rows) if (placeOfConflictKey(key) !== null) this.#addEntry(value);
    }
  }

  has({ dot, id, kind, key }: Operation): boolean {
    if (kind === "put" && this.#writers.has(id)) return true;
    // A tombstone may be of any delete of its key whose dot nobody knows.
    return dot === null ? kind === "delete" && this.#tombstones.has(key) : this.#dots.has(dotText(dot));
  }

  isBeaten({ dot }: Operation, others: readonly Operation[]): boolean {
    if (dot === null) return others.length > 0;
    return others.some((other) => {
      if (other.dot === null) return true;
      return (
        (other.dot.clock - dot.clock || other.dot.member - dot.member || other.dot.start - dot.start) > 0
      );
    });
  }

  #addRecord(storageKey: Bytes, value: Bytes): void {
    if (!isRecord(value)) return;
    const key = keyText(keyOfRecordKey(storageKey));
    for (const { dot, kind, value: bytes } of versionsOf(value)) this.#add(key, dot, kind, bytes);
  }

  #addEntry(row: Bytes): void {
    const entry = decodeConflict(row);
    if (entry !== null)
      this.#add(keyText(entry.key), entry.dot, entry.versionKind, entry.value ?? EMPTY_BYTES);
  }

  #add(key: string, dot: Dot, kind: VersionKind, value: Bytes): void {
    this.#dots.add(dotText(dot));
    if (kind === "tombstone") this.#tombstones.add(key);
    else this.#writers.add(readValue(value).writer);
  }
}
