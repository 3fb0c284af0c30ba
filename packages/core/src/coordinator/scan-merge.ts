/** What several homes say of the keys in a range becomes one answer for each key. */
import { type Bytes, compareBytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import { mergeRecords, sameRecord } from "../version/reconcile.ts";
import type { ScanRow } from "../wire/scan-rows.ts";

export interface ScannedKey {
  readonly storageKey: Bytes;
  /** The merge of the heads. */
  readonly head: Bytes | null;
  /** Some home holds a damaged record, so what the others say may not be enough. */
  readonly damaged: boolean;
}

/**
 * The keys below `end` (null: all) in order, each once. Rows of a member that is no home of their key do not count.
 * `answers` are each in order of storage keys.
 */
export function mergeScanned(
  answers: ReadonlyMap<MemberId, readonly ScanRow[]>,
  end: Bytes | null,
  homesOf: (storageKey: Bytes) => readonly MemberId[],
): ScannedKey[] {
  const sources = [...answers].map(([member, rows]) => ({ member, rows, at: 0 }));
  const keys: ScannedKey[] = [];
  for (;;) {
    let least: Bytes | null = null;
    for (const { rows, at } of sources) {
      const key = rows[at]?.storageKey;
      if (key !== undefined && (least === null || compareBytes(key, least) < 0)) least = key;
    }
    if (least === null || (end !== null && compareBytes(least, end) >= 0)) return keys;
    const homes = homesOf(least);
    let head: Bytes | null = null;
    let damaged = false;
    let isHeld = false;
    for (const source of sources) {
      const row = source.rows[source.at];
      if (row === undefined || compareBytes(row.storageKey, least) !== 0) continue;
      source.at++;
      if (!homes.includes(source.member)) continue;
      isHeld = true;
      if (row.head === null) damaged = true;
      else if (!sameRecord(head, row.head)) head = mergeRecords(head, row.head);
    }
    if (isHeld) keys.push({ storageKey: least, head, damaged });
  }
}
