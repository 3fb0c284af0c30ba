/**
 * Memory for bytes that live as long as a request: pieces of one large buffer, cut off one after the other, which goes
 * when the last piece is forgotten. An array with a buffer of its own costs an allocation outside the collector's heap,
 * and work in every collection until it goes: about 1 us for a record of 350 bytes, against 0.2.
 *
 * Never for what is kept: one piece keeps 64 KiB.
 */
import type { Bytes } from "./bytes.ts";

const SLAB_BYTES = 64 * 1024;
/** Larger ones have a buffer of their own; the smallest ones V8 keeps inside the array. */
const PIECE_BYTES_MAX = 4 * 1024;
const PIECE_BYTES_MIN = 65;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/** All zero. */
export function transientBytes(length: number): Bytes {
  if (length < PIECE_BYTES_MIN || length > PIECE_BYTES_MAX) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const piece = new Uint8Array(slab, used, length);
  used += length;
  return piece;
}

/** A copy of bytes that were only lent. */
export function transientCopy(bytes: Bytes): Bytes {
  const copy = transientBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
