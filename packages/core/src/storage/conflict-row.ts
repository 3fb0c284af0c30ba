/**
 * One entry of the conflict ledger as bytes, the same on disk and between members:
 *
 * ```
 * crc u32 (CRC-32C of the rest), format u8 (1), kind u8, namespace u16, instant u64 (HLC),
 * loser: member u32, start u64, clock u64, version kind u8, expiry u64, length of its value u32,
 * winner: member u32, start u64, clock u64, then the key (u16 length),
 * then u8: 1 and the value (u32 length), or 0 and the value's 16-byte digest
 * ```
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { digest16 } from "../base/hash.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Dot, VersionKind } from "../version/dot.ts";

/**
 * `concurrent`: it lost against a concurrent write with a higher dot, under `lww`. `overwritten`: it was one of
 * several siblings that an overwrite replaced without their author having read them.
 */
export type ConflictKind = "concurrent" | "overwritten";

/** A version that was dropped, and what it was dropped for. */
export interface Conflict {
  /** When (HLC), at the member that dropped it. */
  readonly instant: number;
  readonly namespace: NamespaceId;
  readonly key: Bytes;
  readonly kind: ConflictKind;
  readonly dot: Dot;
  readonly versionKind: VersionKind;
  readonly expiryMs: number;
  readonly valueBytes: number;
  /** Null when the value is too large to be kept; then there is its digest. */
  readonly value: Bytes | null;
  readonly digest: Bytes | null;
  /** The dot of the version that stayed. */
  readonly winner: Dot;
}

const FORMAT = 1;
const KINDS: readonly ConflictKind[] = ["concurrent", "overwritten"];
const VERSION_KINDS: readonly VersionKind[] = ["value", "tombstone"];
const SUM_BYTES = 4;
const DIGEST_BYTES = 16;

/** `valueBytesMax`: a larger value is left out, and its digest given instead. */
export function encodeConflict(
  conflict: Omit<Conflict, "valueBytes" | "digest" | "value"> & { readonly value: Bytes },
  valueBytesMax: number,
): Bytes {
  const { key, value } = conflict;
  const isKept = value.length <= valueBytesMax;
  const writer = new ByteWriter(96 + key.length + (isKept ? value.length : DIGEST_BYTES));
  writer.u32(0);
  writer.u8(FORMAT);
  writer.u8(KINDS.indexOf(conflict.kind));
  writer.u16(conflict.namespace);
  writer.u64(conflict.instant);
  writeDot(writer, conflict.dot);
  writer.u8(VERSION_KINDS.indexOf(conflict.versionKind));
  writer.u64(conflict.expiryMs);
  writer.u32(value.length);
  writeDot(writer, conflict.winner);
  writer.u16(key.length);
  writer.bytes(key);
  writer.u8(isKept ? 1 : 0);
  if (isKept) writer.u32(value.length);
  writer.bytes(isKept ? value : digest16(value));
  const row = writer.copy();
  writer.patchU32(0, crc32c(row, SUM_BYTES, row.length));
  return writer.copy();
}

/** Null for bytes that are no entry, or a damaged one. What is returned owns its memory. */
export function decodeConflict(row: Bytes): Conflict | null {
  const reader = new ByteReader(row);
  const sum = reader.u32();
  if (row.length < SUM_BYTES || sum !== crc32c(row, SUM_BYTES, row.length) || reader.u8() !== FORMAT)
    return null;
  const kind = KINDS[reader.u8()];
  const namespace = reader.u16();
  const instant = reader.u64();
  const dot = readDot(reader);
  const versionKind = VERSION_KINDS[reader.u8()];
  const expiryMs = reader.u64();
  const valueBytes = reader.u32();
  const winner = readDot(reader);
  const key = copyBytes(reader.bytes(reader.u16()));
  const isKept = reader.u8() === 1;
  const rest = copyBytes(reader.bytes(isKept ? reader.u32() : DIGEST_BYTES));
  if (!reader.complete || kind === undefined || versionKind === undefined) return null;
  if (isKept && rest.length !== valueBytes) return null;
  const kept = { value: isKept ? rest : null, digest: isKept ? null : rest };
  return { instant, namespace, key, kind, dot, versionKind, expiryMs, valueBytes, ...kept, winner };
}

function writeDot(writer: ByteWriter, { member, start, clock }: Dot): void {
  writer.u32(member);
  writer.u64(start);
  writer.u64(clock);
}

function readDot(reader: ByteReader): Dot {
  return { member: reader.u32(), start: reader.u64(), clock: reader.u64() };
}
