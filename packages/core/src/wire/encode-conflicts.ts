/** Encoders of the messages about conflict ledgers. What each argument means stands at `MessageHandler`. */
import type { Bytes } from "../base/bytes.ts";
import { EMPTY_BYTES } from "../base/bytes.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { beginMessage, putLong, putShort, putU16, putU32, putU64, putU8 } from "./encode-pieces.ts";
import { CONFLICTS_HAS_CURSOR, CONFLICTS_HAS_KEY } from "./message-flags.ts";
import {
  CONFLICTS,
  CONFLICTS_PAGE,
  type ConflictCursor,
  type ConflictQuery,
  type ConflictRow,
} from "./messages.ts";

const CURSOR_BYTES = 16;
const NOWHERE: ConflictCursor = { instant: 0, member: 0, number: 0 };

/**
 * Id u32, deadline u64, flags u8, namespace u16, count u16, cursor (instant u64, member u32, number u32; zeros without
 * one), key (u16 length; empty without one).
 */
export function encodeConflicts(
  writer: LinkWriter,
  id: number,
  deadline: number,
  { namespace, key, count, below }: ConflictQuery,
): void {
  const bytes: Bytes = key ?? EMPTY_BYTES;
  beginMessage(writer, CONFLICTS, 19 + CURSOR_BYTES + bytes.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, (below === null ? 0 : CONFLICTS_HAS_CURSOR) | (key === null ? 0 : CONFLICTS_HAS_KEY));
  putU16(writer, namespace);
  putU16(writer, count);
  putCursor(writer, below);
  putShort(writer, bytes);
}

/** Id u32, code u8, flags u8, cursor as above, rows (u16 count, each number u32 and bytes with u32 length). */
export function encodeConflictsPage(
  writer: LinkWriter,
  id: number,
  code: number,
  rows: readonly ConflictRow[],
  through: ConflictCursor | null,
): void {
  let length = 8 + CURSOR_BYTES;
  for (const { row } of rows) length += 8 + row.length;
  beginMessage(writer, CONFLICTS_PAGE, length);
  putU32(writer, id);
  putU8(writer, code);
  putU8(writer, through === null ? 0 : CONFLICTS_HAS_CURSOR);
  putCursor(writer, through);
  putU16(writer, rows.length);
  for (const { number, row } of rows) {
    putU32(writer, number);
    putLong(writer, row);
  }
}

function putCursor(writer: LinkWriter, cursor: ConflictCursor | null): void {
  const { instant, member, number } = cursor ?? NOWHERE;
  putU64(writer, instant);
  putU32(writer, member);
  putU32(writer, number);
}
