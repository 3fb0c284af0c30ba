/**
 * Encoders of requests and replies between members. What each argument means stands at `MessageHandler`; `code` is
 * the number of an outcome on the wire.
 */
import type { Bytes } from "../base/bytes.ts";
import { utf8Encode } from "../base/utf8.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { LinkWriter } from "../ports/transport.ts";
import {
  beginMessage,
  latin1Length,
  putI16,
  putLatin1,
  putLong,
  putShort,
  putU16,
  putU32,
  putU64,
  putU8,
} from "./encode-pieces.ts";
import {
  READ_HEAD_ONLY,
  READ_LATEST,
  REPLICATED_EXISTED,
  REPLICATED_FSYNCED,
  REPLICATE_FSYNC,
  REPLICATE_OVERWRITE,
  WRITE_HAS_CONTEXT,
  WRITTEN_EXISTED,
  WRITTEN_HAS_RECEIPT,
} from "./message-flags.ts";
import {
  COUNT,
  COUNTED,
  type ForwardedWrite,
  READ,
  READ_REPLY,
  REPLICATE,
  REPLICATED,
  type RemoteReceipt,
  SCAN,
  SCANNED,
  WRITE,
  WRITE_DELETE,
  WRITE_FALLBACKS,
  WRITE_FSYNC,
  WRITE_ONLY_IF_SEEN,
  WRITE_WANT_RECEIPT,
  WRITTEN,
} from "./messages.ts";

/** Id u32, deadline u64, flags u8, storage key (u16 length), record (u32 length). */
export function encodeReplicate(
  writer: LinkWriter,
  id: number,
  deadline: number,
  fsync: boolean,
  overwrite: boolean,
  storageKey: Bytes,
  record: Bytes,
): void {
  beginMessage(writer, REPLICATE, 19 + storageKey.length + record.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, (fsync ? REPLICATE_FSYNC : 0) | (overwrite ? REPLICATE_OVERWRITE : 0));
  putShort(writer, storageKey);
  putLong(writer, record);
}

/** Id u32, code u8, flags u8, uncovered context entries (u32 length). */
export function encodeReplicated(
  writer: LinkWriter,
  id: number,
  code: number,
  fsynced: boolean,
  existed: boolean,
  uncovered: Bytes,
): void {
  beginMessage(writer, REPLICATED, 10 + uncovered.length);
  putU32(writer, id);
  putU8(writer, code);
  putU8(writer, (fsynced ? REPLICATED_FSYNCED : 0) | (existed ? REPLICATED_EXISTED : 0));
  putLong(writer, uncovered);
}

/** Id u32, deadline u64, flags u8, storage key (u16 length). */
export function encodeRead(
  writer: LinkWriter,
  id: number,
  deadline: number,
  headOnly: boolean,
  storageKey: Bytes,
  latest = false,
): void {
  beginMessage(writer, READ, 15 + storageKey.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, (headOnly ? READ_HEAD_ONLY : 0) | (latest ? READ_LATEST : 0));
  putShort(writer, storageKey);
}

/** Id u32, code u8, flags u8, record or head (u32 length; empty: absent). */
export function encodeReadReply(
  writer: LinkWriter,
  id: number,
  code: number,
  headOnly: boolean,
  bytes: Bytes,
): void {
  beginMessage(writer, READ_REPLY, 10 + bytes.length);
  putU32(writer, id);
  putU8(writer, code);
  putU8(writer, headOnly ? READ_HEAD_ONLY : 0);
  putLong(writer, bytes);
}

/**
 * Id u32, deadline u64, flags u8, namespace u16, w i16, expiry u64, key (u16 length), value (u32 length) and, if
 * there is a context, its token (u16 length, latin1).
 */
export function encodeWrite(writer: LinkWriter, id: number, deadline: number, write: ForwardedWrite): void {
  const { key, value, context } = write;
  const tokenBytes = context === null ? 0 : 2 + latin1Length(context);
  beginMessage(writer, WRITE, 31 + key.length + value.length + tokenBytes);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, flagsOf(write));
  putU16(writer, write.namespace);
  putI16(writer, write.w);
  putU64(writer, write.expiryMs);
  putShort(writer, key);
  putLong(writer, value);
  if (context !== null) putLatin1(writer, context);
}

function flagsOf(write: ForwardedWrite): number {
  let flags = 0;
  if (write.kind === "delete") flags |= WRITE_DELETE;
  if (write.durability === "fsync") flags |= WRITE_FSYNC;
  if (write.wantReceipt) flags |= WRITE_WANT_RECEIPT;
  if (write.context !== null) flags |= WRITE_HAS_CONTEXT;
  if (write.onlyIfSeen) flags |= WRITE_ONLY_IF_SEEN;
  if (write.fallbacks === "allow") flags |= WRITE_FALLBACKS;
  return flags;
}

/**
 * Id u32, code u8, flags u8, text (u16 length, UTF-8) and, if there is a receipt: dot member u32, start u64, clock
 * u64, w u8, fsynced u8, homes and fallbacks (each u8 count, u32 each), the context token in latin1 (u32 length).
 */
export function encodeWritten(
  writer: LinkWriter,
  id: number,
  code: number,
  existed: boolean,
  text: string,
  receipt: RemoteReceipt | null,
): void {
  const textBytes = utf8Encode(text).subarray(0, 0xffff);
  beginMessage(writer, WRITTEN, 8 + textBytes.length + receiptBytes(receipt));
  putU32(writer, id);
  putU8(writer, code);
  putU8(writer, (existed ? WRITTEN_EXISTED : 0) | (receipt === null ? 0 : WRITTEN_HAS_RECEIPT));
  putShort(writer, textBytes);
  if (receipt !== null) putReceipt(writer, receipt);
}

/** How many bytes `putReceipt` writes; none for none. */
export function receiptBytes(receipt: RemoteReceipt | null): number {
  if (receipt === null) return 0;
  return 28 + 4 * (receipt.homes.length + receipt.fallbacks.length) + receipt.token.length;
}

/** As it stands at the end of `encodeWritten`. */
export function putReceipt(writer: LinkWriter, receipt: RemoteReceipt): void {
  putU32(writer, receipt.dot.member);
  putU64(writer, receipt.dot.start);
  putU64(writer, receipt.dot.clock);
  putU8(writer, receipt.w);
  putU8(writer, receipt.fsynced);
  putU8(writer, receipt.homes.length);
  for (const home of receipt.homes) putU32(writer, home);
  putU8(writer, receipt.fallbacks.length);
  for (const fallback of receipt.fallbacks) putU32(writer, fallback);
  putLong(writer, receipt.token);
}

/** Id u32, deadline u64, namespace u16, partitions (u16 count, u16 each). */
export function encodeCount(
  writer: LinkWriter,
  id: number,
  deadline: number,
  namespace: NamespaceId,
  partitions: readonly number[],
): void {
  beginMessage(writer, COUNT, 16 + 2 * partitions.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU16(writer, namespace);
  putU16(writer, partitions.length);
  for (const partition of partitions) putU16(writer, partition);
}

/** Id u32, code u8, keys u64. */
export function encodeCounted(writer: LinkWriter, id: number, code: number, keys: number): void {
  beginMessage(writer, COUNTED, 13);
  putU32(writer, id);
  putU8(writer, code);
  putU64(writer, keys);
}

/** Id u32, deadline u64, namespace u16, rows u16, end slot u16, first storage key (u16 length). */
export function encodeScan(
  writer: LinkWriter,
  id: number,
  deadline: number,
  namespace: NamespaceId,
  rows: number,
  slotEnd: number,
  from: Bytes,
): void {
  beginMessage(writer, SCAN, 20 + from.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU16(writer, namespace);
  putU16(writer, rows);
  putU16(writer, slotEnd);
  putShort(writer, from);
}

/** Id u32, code u8, next storage key (u16 length), rows (u32 length). */
export function encodeScanned(writer: LinkWriter, id: number, code: number, next: Bytes, rows: Bytes): void {
  beginMessage(writer, SCANNED, 11 + next.length + rows.length);
  putU32(writer, id);
  putU8(writer, code);
  putShort(writer, next);
  putLong(writer, rows);
}
