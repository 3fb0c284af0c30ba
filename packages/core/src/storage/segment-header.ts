/**
 * The first 128 bytes of a journal segment, and its name. Numbers are big-endian.
 *
 *   0 magic "kvorumjl"        8 format u32           12 member u32
 *  16 segment number u64     24 first round u64      32 flushed through u64
 *  40 length of the cluster's name u16, then the name, then zeros
 * 124 CRC-32C of all before
 *
 * That CRC seeds the CRC of every round in the segment, so a round that was written to another segment, by another
 * member or in another cluster is not valid here.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";

export const SEGMENT_HEADER_BYTES = 128;

const MAGIC = latin1Encode("kvorumjl");
const FORMAT = 1;
const CRC_AT = 124;
const NAME = /^journal-([0-9a-f]{16})\.log$/;

export interface SegmentHeader {
  readonly cluster: string;
  readonly member: number;
  readonly number: number;
  /** The sequence of the segment's first round. */
  readonly firstSequence: number;
  /** When the segment was begun, the engine's own files held every round up to this one. */
  readonly flushedThrough: number;
}

export type SegmentHeaderReading =
  | { readonly kind: "header"; readonly header: SegmentHeader; readonly seed: number }
  | { readonly kind: "newer"; readonly format: number }
  | { readonly kind: "invalid" };

export function segmentName(number: number): string {
  return `journal-${number.toString(16).padStart(16, "0")}.log`;
}

/** The number in a segment's name; -1 when it is the name of something else. */
export function segmentNumber(name: string): number {
  const digits = NAME.exec(name)?.[1];
  if (digits === undefined) return -1;
  const number = Number.parseInt(digits, 16);
  return Number.isSafeInteger(number) ? number : -1;
}

export function encodeSegmentHeader(header: SegmentHeader): Bytes {
  const writer = new ByteWriter(SEGMENT_HEADER_BYTES);
  writer.bytes(MAGIC);
  writer.u32(FORMAT);
  writer.u32(header.member);
  writer.u64(header.number);
  writer.u64(header.firstSequence);
  writer.u64(header.flushedThrough);
  const cluster = latin1Encode(header.cluster);
  writer.u16(cluster.length);
  writer.bytes(cluster);
  writer.bytes(new Uint8Array(CRC_AT - writer.length));
  writer.u32(crc32c(writer.view(), 0, CRC_AT));
  return writer.copy();
}

/** The seed for the rounds of the segment that these header bytes begin. */
export function segmentSeed(header: Bytes): number {
  return new ByteReader(header, CRC_AT, SEGMENT_HEADER_BYTES).u32();
}

export function readSegmentHeader(bytes: Bytes): SegmentHeaderReading {
  const reader = new ByteReader(bytes, 0, SEGMENT_HEADER_BYTES);
  const magic = latin1Decode(reader.bytes(MAGIC.length));
  const format = reader.u32();
  if (magic !== latin1Decode(MAGIC)) return { kind: "invalid" };
  if (format > FORMAT) return { kind: "newer", format };
  const member = reader.u32();
  const number = reader.u64();
  const firstSequence = reader.u64();
  const flushedThrough = reader.u64();
  const cluster = latin1Decode(reader.bytes(reader.u16()));
  const seed = segmentSeed(bytes);
  if (reader.failed || bytes.length < SEGMENT_HEADER_BYTES || crc32c(bytes, 0, CRC_AT) !== seed)
    return { kind: "invalid" };
  return { kind: "header", header: { cluster, member, number, firstSequence, flushedThrough }, seed };
}
