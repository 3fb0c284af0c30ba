/** Storage keys that share slot and hash, for tests of scans: such keys are rare, and have to be looked for. */
import type { Bytes } from "../base/bytes.ts";
import { latin1Encode } from "../base/utf8.ts";
import { slotOf } from "../ring/slot.ts";
import { recordKey } from "../storage/keyspace.ts";
import { bucketOf } from "./scan-cursor.ts";

/** Keys in one slot, in few buckets: `perBucket` in each of `buckets` of them, in order. */
export function crowdedKeys(buckets: number, perBucket: number, namespace = 1): Bytes[] {
  const byBucket = new Map<number, Bytes[]>();
  const wanted = new Set<number>();
  const slot = slotOf(latin1Encode("{t}"));
  for (
    let i = 0;
    wanted.size < buckets || [...wanted].some((b) => (byBucket.get(b)?.length ?? 0) < perBucket);
    i++
  ) {
    const storageKey = recordKey(slot, namespace, latin1Encode(`{t}${i}`));
    const bucket = bucketOf(storageKey);
    if (wanted.size < buckets) wanted.add(bucket);
    if (!wanted.has(bucket)) continue;
    const keys = byBucket.get(bucket) ?? [];
    byBucket.set(bucket, keys);
    if (keys.length < perBucket) keys.push(storageKey);
  }
  return [...byBucket.values()].flat();
}
