/** What several homes say of the keys in a range: key by key, and as one answer for each. */
import { type Bytes, compareBytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import { mergeRecords, sameRecord } from "../version/reconcile.ts";
import type { ScanRow } from "../wire/scan-rows.ts";

/** A key, and what is held of it by those of its homes that hold something. */
export interface HeldKey {
  readonly storageKey: Bytes;
  readonly homes: readonly MemberId[];
  /** `head` null: the record there is damaged. */
  readonly copies: readonly { readonly member: MemberId; readonly head: Bytes | null }[];
}

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
export function heldKeys(
  answers: ReadonlyMap<MemberId, readonly ScanRow[]>,
  end: Bytes | null,
  homesOf: (storageKey: Bytes) => readonly MemberId[],
): HeldKey[] {
  const sources = [...answers].map(([member, rows]) => ({ member, rows, at: 0 }));
  const keys: HeldKey[] = [];
  for (;;) {
    let least: Bytes | null = null;
    for (const { rows, at } of sources) {
      const key = rows[at]?.storageKey;
      if (key !== undefined && (least === null || compareBytes(key, least) < 0)) least = key;
    }
    if (least === null || (end !== null && compareBytes(least, end) >= 0)) return keys;
    const homes = homesOf(least);
    const copies: { member: MemberId; head: Bytes | null }[] = [];
    for (const source of sources) {
      const row = source.rows[source.at];
      if (row === undefined || compareBytes(row.storageKey, least) !== 0) continue;
      source.at++;
      if (homes.includes(source.member)) copies.push({ member: source.member, head: row.head });
    }
    if (copies.length > 0) keys.push({ storageKey: least, homes, copies });
  }
}

/** The same, each key as one answer. */
export function mergeScanned(
  answers: ReadonlyMap<MemberId, readonly ScanRow[]>,
  end: Bytes | null,
  homesOf: (storageKey: Bytes) => readonly MemberId[],
): ScannedKey[] {
  return heldKeys(answers, end, homesOf).map(({ storageKey, copies }) => {
    let merged: Bytes | null = null;
    let damaged = false;
    for (const { head } of copies) {
      if (head === null) damaged = true;
      else if (!sameRecord(merged, head)) merged = mergeRecords(merged, head);
    }
    return { storageKey, head: merged, damaged };
  });
}
