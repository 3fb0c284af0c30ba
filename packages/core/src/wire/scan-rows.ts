/**
 * The rows of a page of a scan as they travel between members, in order of their storage keys: storage key (u16
 * length), then the head of its record (u32 length; empty: the record is damaged there).
 */
import { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, compareBytes } from "../base/bytes.ts";

export interface ScanRow {
  readonly storageKey: Bytes;
  /** Null: this home holds something for the key and cannot say what. */
  readonly head: Bytes | null;
}

export function putScanRow(out: ByteWriter, storageKey: Bytes, head: Bytes | null): void {
  out.u16(storageKey.length);
  out.bytes(storageKey);
  out.u32(head === null ? 0 : head.length);
  if (head !== null) out.bytes(head);
}

/** The rows as views, or null when they make no sense, are out of order or more than `rowsMax`. */
export function readScanRows(bytes: Bytes, rowsMax: number): ScanRow[] | null {
  const reader = new ByteReader(bytes);
  const rows: ScanRow[] = [];
  let before: Bytes | null = null;
  while (reader.left > 0) {
    const storageKey = reader.bytes(reader.u16());
    const head = reader.bytes(reader.u32());
    if (reader.failed || rows.length >= rowsMax) return null;
    if (before !== null && compareBytes(before, storageKey) >= 0) return null;
    rows.push({ storageKey, head: head.length === 0 ? null : head });
    before = storageKey;
  }
  return reader.complete ? rows : null;
}
