/** Which keys two homes hold differently, from the heads that each has of a stretch of keys. */
import { type Bytes, compareBytes } from "../base/bytes.ts";
import { sameRecord } from "../version/reconcile.ts";
import type { ScanRow } from "../wire/scan-rows.ts";

export interface Difference {
  readonly key: Bytes;
  /** The other holds something. */
  readonly isThere: boolean;
  /** One of the two cannot say what it holds. */
  readonly isDamaged: boolean;
}

/** Both in order of storage keys; of those below `end` only (null: all). */
export function differingKeys(
  own: readonly ScanRow[],
  theirs: readonly ScanRow[],
  end: Bytes | null,
): Difference[] {
  const found: Difference[] = [];
  const isBelow = (row: ScanRow | undefined): row is ScanRow =>
    row !== undefined && (end === null || compareBytes(row.storageKey, end) < 0);
  for (let i = 0, j = 0; ;) {
    const mine = isBelow(own[i]) ? own[i] : undefined;
    const other = isBelow(theirs[j]) ? theirs[j] : undefined;
    const key = least(mine, other);
    if (key === null) return found;
    const isHere = mine !== undefined && compareBytes(mine.storageKey, key) === 0;
    const isThere = other !== undefined && compareBytes(other.storageKey, key) === 0;
    if (isHere) i++;
    if (isThere) j++;
    const isDamaged = (isHere && mine.head === null) || (isThere && other.head === null);
    const isSame = isHere && isThere && !isDamaged && sameRecord(mine.head, other.head);
    if (!isSame) found.push({ key, isThere, isDamaged });
  }
}

function least(a: ScanRow | undefined, b: ScanRow | undefined): Bytes | null {
  if (a === undefined || b === undefined) return (a ?? b)?.storageKey ?? null;
  return compareBytes(a.storageKey, b.storageKey) <= 0 ? a.storageKey : b.storageKey;
}
