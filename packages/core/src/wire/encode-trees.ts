/** Encoders of the messages about trees. What each argument means stands at `MessageHandler`. */
import type { Bytes } from "../base/bytes.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { beginMessage, putLong, putShort, putU16, putU32, putU64, putU8 } from "./encode-pieces.ts";
import { TREE, TREE_REPLY } from "./messages.ts";

/** Id u32, deadline u64, level u8, ids (u16 count, each u32), from (u16 length). */
export function encodeTree(
  writer: LinkWriter,
  id: number,
  deadline: number,
  level: number,
  ids: readonly number[],
  from: Bytes,
): void {
  beginMessage(writer, TREE, 17 + 4 * ids.length + from.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, level);
  putU16(writer, ids.length);
  for (const each of ids) putU32(writer, each);
  putShort(writer, from);
}

/** Id u32, code u8, next (u16 length), bytes (u32 length). */
export function encodeTreeReply(
  writer: LinkWriter,
  id: number,
  code: number,
  next: Bytes,
  bytes: Bytes,
): void {
  beginMessage(writer, TREE_REPLY, 11 + next.length + bytes.length);
  putU32(writer, id);
  putU8(writer, code);
  putShort(writer, next);
  putLong(writer, bytes);
}
