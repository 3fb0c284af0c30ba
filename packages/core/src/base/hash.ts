/**
 * MurmurHash3 (Austin Appleby, public domain, github.com/aappleby/smhasher): the 32-bit form for hash tables and
 * named random streams, and the 128-bit form of four 32-bit lanes for digests that members compare. Fast and
 * well mixed, never a defence: somebody who wants two inputs to collide can find them.
 */
import type { Bytes } from "./bytes.ts";

/** MurmurHash3_x86_32 of `bytes[from .. to)`, unsigned. */
export function hash32(bytes: Bytes, from: number, to: number, seed: number): number {
  let h = seed | 0;
  let at = from;
  for (const last = to - 4; at <= last; at += 4) {
    h ^= scramble(word(bytes, at), 0xcc9e2d51, 15, 0x1b873593);
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (at < to) h ^= scramble(tail(bytes, at, to), 0xcc9e2d51, 15, 0x1b873593);
  return finish(h ^ (to - from)) >>> 0;
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** MurmurHash3_x86_128 of all bytes: 16 bytes, as its reference code writes them on a little-endian machine. */
export function digest16(bytes: Bytes, seed = 0): Bytes {
  const lanes = new Int32Array(4);
  digestLanes(bytes, bytes.length, seed, lanes);
  const out = new Uint8Array(16);
  for (const [i, lane] of lanes.entries()) putWord(out, 4 * i, lane);
  return out;
}

/** The same of the first `length` bytes, as four signed numbers: these V8 keeps in registers, and unsigned ones it may not. */
export function digestLanes(bytes: Bytes, length: number, seed: number, out: Int32Array): void {
  let a = seed | 0;
  let b = a;
  let c = a;
  let d = a;
  let at = 0;
  for (; at + 16 <= length; at += 16) {
    a ^= scramble(word(bytes, at), C1, 15, C2);
    a = (Math.imul(rotate(a, 19) + b, 5) + 0x561ccd1b) | 0;
    b ^= scramble(word(bytes, at + 4), C2, 16, C3);
    b = (Math.imul(rotate(b, 17) + c, 5) + 0x0bcaa747) | 0;
    c ^= scramble(word(bytes, at + 8), C3, 17, C4);
    c = (Math.imul(rotate(c, 15) + d, 5) + 0x96cd1c35) | 0;
    d ^= scramble(word(bytes, at + 12), C4, 18, C1);
    d = (Math.imul(rotate(d, 13) + a, 5) + 0x32ac3b17) | 0;
  }
  if (at + 12 < length) d ^= scramble(tail(bytes, at + 12, length), C4, 18, C1);
  if (at + 8 < length) c ^= scramble(tail(bytes, at + 8, Math.min(at + 12, length)), C3, 17, C4);
  if (at + 4 < length) b ^= scramble(tail(bytes, at + 4, Math.min(at + 8, length)), C2, 16, C3);
  if (at < length) a ^= scramble(tail(bytes, at, Math.min(at + 4, length)), C1, 15, C2);
  mixLanes(a ^ length, b ^ length, c ^ length, d ^ length, out);
}

function mixLanes(a: number, b: number, c: number, d: number, out: Int32Array): void {
  a = (a + b + c + d) | 0;
  b = (b + a) | 0;
  c = (c + a) | 0;
  d = (d + a) | 0;
  a = finish(a);
  b = finish(b);
  c = finish(c);
  d = finish(d);
  a = (a + b + c + d) | 0;
  out[0] = a;
  out[1] = (b + a) | 0;
  out[2] = (c + a) | 0;
  out[3] = (d + a) | 0;
}

/** Four bytes, little-endian. */
function word(bytes: Bytes, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The last one to four bytes of a lane. */
function tail(bytes: Bytes, from: number, to: number): number {
  let value = 0;
  for (let at = to - 1; at >= from; at--) value = (value << 8) | (bytes[at] ?? 0);
  return value;
}

function putWord(out: Bytes, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function scramble(value: number, before: number, bits: number, after: number): number {
  return Math.imul(rotate(Math.imul(value, before), bits), after);
}

function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
