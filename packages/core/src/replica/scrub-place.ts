/** How far a member's scrub has come, as it stands in the metadata: a restart goes on from there. */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, compareBytes } from "../base/bytes.ts";
import { SLOTS } from "../ring/slot.ts";
import { metadataKey, slotStart } from "../storage/keyspace.ts";

export const SCRUB_KEY = metadataKey("scrub");

const FORMAT = 1;

export interface ScrubPlace {
  /** The next storage key to be read; a slot's start, mostly not a key that is there. */
  readonly from: Bytes;
  /** When the last whole pass ended, ms since 1970; 0: none has. */
  readonly endedMs: number;
}

/** Format u8, end of the last pass u64, storage key to the end. */
export function encodeScrubPlace({ from, endedMs }: ScrubPlace): Bytes {
  const writer = new ByteWriter(9 + from.length);
  writer.u8(FORMAT);
  writer.u64(endedMs);
  writer.bytes(from);
  return writer.copy();
}

/** Null for what this release does not read. */
export function decodeScrubPlace(bytes: Bytes): ScrubPlace | null {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== FORMAT) return null;
  const endedMs = reader.u64();
  const from = bytes.slice(9);
  const isThere = compareBytes(from, slotStart(0)) >= 0 && compareBytes(from, slotStart(SLOTS)) < 0;
  return isThere ? { from, endedMs } : null;
}
