/**
 * What a segment's bytes say, read from the front: rounds of rising sequence without a gap, up to the first place
 * where there is no valid round. Whether that place is where a crash cut the journal off, or damage, is not
 * written there; a later round may know (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, on
 * why the bytes of an unsynced tail may be there in any combination).
 */
import type { Bytes } from "../base/bytes.ts";
import { isRoundMagic, readRoundHeader, ROUND_HEADER_BYTES } from "./round-codec.ts";
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts";

export interface SegmentScan {
  readonly rounds: number;
  /** Where the last valid round ends. */
  readonly end: number;
  /** The last valid round; one less than the segment's first when there is none. */
  readonly lastSequence: number;
  /** The highest flushed-through mark of any of them. */
  readonly flushedThrough: number;
}

export function scanSegment(bytes: Bytes, firstSequence: number, seed: number): SegmentScan {
  let at = SEGMENT_HEADER_BYTES;
  let lastSequence = firstSequence - 1;
  let flushedThrough = 0;
  for (;;) {
    const header = readRoundHeader(bytes, at, seed, lastSequence + 1, lastSequence + 1);
    if (header === null) break;
    lastSequence = header.sequence;
    flushedThrough = Math.max(flushedThrough, header.flushedThrough);
    at += header.length;
  }
  return { rounds: lastSequence - firstSequence + 1, end: at, lastSequence, flushedThrough };
}

/**
 * Where, after the end of a scan, a valid round stands that was written when the missing one was on stable storage;
 * -1 when there is none and the end is the end of the journal.
 */
export function findProofOfDamage(bytes: Bytes, scan: SegmentScan, seed: number): number {
  const missing = scan.lastSequence + 1;
  const last = bytes.length - ROUND_HEADER_BYTES;
  const highest = missing + Math.ceil((bytes.length - scan.end) / ROUND_HEADER_BYTES);
  for (let at = scan.end; at <= last; at++) {
    if (!isRoundMagic(bytes, at)) continue;
    const header = readRoundHeader(bytes, at, seed, missing + 1, highest);
    if (header === null) continue;
    if (header.syncedThrough >= missing) return at;
    // What lies inside a valid round was written by a user.
    at += header.length - 1;
  }
  return -1;
}
