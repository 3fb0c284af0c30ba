/**
 * How recovery puts the journal's tail over what the engine holds: records are merged, of the sums of trees the later
 * ones count, of what acceptors know both, of the rest the last wins.
 * Whatever their namespace's policy: nothing is dropped here, where nobody could note it. The next write of a key does.
 */
import { joinAcceptorRows } from "../paxos/acceptor-row.ts";
import { isRecord } from "../version/record.ts";
import { mergeRecords } from "../version/reconcile.ts";
import { isAcceptorKey, isRecordKey, slotOfRecordKey, slotOfTreeKey, treeKey } from "./keyspace.ts";
import type { Resolver } from "./recovery-page.ts";
import { laterRow } from "./tree-row.ts";

export const RECORD_RESOLVER: Resolver = {
  resolve(key, existing, incoming) {
    if (slotOfTreeKey(key) >= 0) return existing === null ? incoming : laterRow(existing, incoming);
    if (isAcceptorKey(key)) return existing === null ? incoming : joinAcceptorRows(existing, incoming);
    // Damage in the engine does not spread: the journal's copy is whole, and was built on what the engine held then.
    if (!isRecordKey(key) || existing === null || !isRecord(existing) || !isRecord(incoming)) return incoming;
    return mergeRecords(existing, incoming) ?? incoming;
  },
  // A power cut may leave the journal with less than the engine had: then what is taken is older than what the sums say.
  doubted(key, existing) {
    return isRecordKey(key) && !isRecord(existing) ? treeKey(slotOfRecordKey(key)) : null;
  },
};
