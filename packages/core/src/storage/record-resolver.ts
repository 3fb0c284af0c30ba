/**
 * How recovery puts the journal's tail over what the engine holds: records are merged, of the sums of trees the later
 * ones count, of the rest the last wins.
 * Whatever their namespace's policy: nothing is dropped here, where nobody could note it. The next write of a key does.
 */
import { isRecord } from "../version/record.ts";
import { mergeRecords } from "../version/reconcile.ts";
import { isRecordKey, slotOfTreeKey } from "./keyspace.ts";
import type { Resolver } from "./recovery-page.ts";
import { laterRow } from "./tree-row.ts";

export const RECORD_RESOLVER: Resolver = {
  resolve(key, existing, incoming) {
    if (slotOfTreeKey(key) >= 0) return existing === null ? incoming : laterRow(existing, incoming);
    // Damage in the engine does not spread: the journal's copy is whole, and was built on what the engine held then.
    if (!isRecordKey(key) || existing === null || !isRecord(existing) || !isRecord(incoming)) return incoming;
    return mergeRecords(existing, incoming) ?? incoming;
  },
};
