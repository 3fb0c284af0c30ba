/** The encoder of a record that a fallback is to keep, or has kept. What each argument means stands at `MessageHandler`. */
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { beginMessage, putLong, putShort, putU32, putU64, putU8 } from "./encode-pieces.ts";
import { REPLICATE_FSYNC, REPLICATE_OVERWRITE } from "./message-flags.ts";
import { HINT } from "./messages.ts";

/** Id u32, deadline u64, flags u8, target u32, storage key (u16 length), record (u32 length). */
export function encodeHint(
  writer: LinkWriter,
  id: number,
  deadline: number,
  fsync: boolean,
  overwrite: boolean,
  target: MemberId,
  storageKey: Bytes,
  record: Bytes,
): void {
  beginMessage(writer, HINT, 23 + storageKey.length + record.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, (fsync ? REPLICATE_FSYNC : 0) | (overwrite ? REPLICATE_OVERWRITE : 0));
  putU32(writer, target);
  putShort(writer, storageKey);
  putLong(writer, record);
}
