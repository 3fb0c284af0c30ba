/** What a page of a scan from elsewhere must be before it is believed. */
import { type Bytes, compareBytes } from "../base/bytes.ts";
import type { NamespaceId } from "../model/namespace.ts";
import { isRecordKey, namespaceOfRecordKey, slotOfRecordKey } from "../storage/keyspace.ts";
import { isHead } from "../version/record.ts";
import type { ScanRow } from "../wire/scan-rows.ts";

/** What was asked for: all of a namespace from a storage key on, below a slot. */
export interface AskedRange {
  readonly namespace: NamespaceId;
  readonly from: Bytes;
  readonly slotEnd: number;
}

/** Whether a page is about what was asked, and a step forward. `next` empty: the page goes to the end. */
export function isSoundPage(
  { namespace, from, slotEnd }: AskedRange,
  rows: readonly ScanRow[],
  next: Bytes,
): boolean {
  if (next.length > 0 && (!isRecordKey(next) || slotOfRecordKey(next) >= slotEnd)) return false;
  if (next.length > 0 && compareBytes(next, from) <= 0) return false;
  return rows.every(
    ({ storageKey, head }) =>
      isRecordKey(storageKey) &&
      namespaceOfRecordKey(storageKey) === namespace &&
      slotOfRecordKey(storageKey) < slotEnd &&
      compareBytes(storageKey, from) >= 0 &&
      (next.length === 0 || compareBytes(storageKey, next) < 0) &&
      (head === null || isHead(head)),
  );
}
