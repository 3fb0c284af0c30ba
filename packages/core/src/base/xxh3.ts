/**
 * XXH3 with 64 bits and seed 0, the digest of a value that Redis's DIGEST and IFDEQ speak of. After the specification of
 * xxHash, section "XXH3" (Collet). Not a fast one: it is asked for rarely, and big integers are plain.
 */
import type { Bytes } from "./bytes.ts";

const MASK = (1n << 64n) - 1n;
const P32 = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn] as const;
const P64 = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const MX1 = 0x165667919e3779f9n;
const MX2 = 0x9fb21c651e98df25n;

const SECRET = Uint8Array.from(
  (
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e" +
    "e03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d" +
    "8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc" +
    "8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
  ).match(/../g) ?? [],
  (pair) => parseInt(pair, 16),
);

/** 16 digits, as `DIGEST` prints it. */
export function xxh3Hex(bytes: Bytes): string {
  return xxh3(bytes).toString(16).padStart(16, "0");
}

function xxh3(input: Bytes): bigint {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const length = input.length;
  if (length === 0) return avalanche64(secret64(56) ^ secret64(64));
  if (length <= 3) return upTo3(view, length);
  if (length <= 8) return upTo8(view, length);
  if (length <= 16) return upTo16(view, length);
  if (length <= 128) return upTo128(view, length);
  return length <= 240 ? upTo240(view, length) : long(view, length);
}

const secretView = new DataView(SECRET.buffer);

function secret64(at: number): bigint {
  return secretView.getBigUint64(at, true);
}

function upTo3(view: DataView, length: number): bigint {
  const [a, b, c] = [view.getUint8(0), view.getUint8(length >> 1), view.getUint8(length - 1)];
  const combined = BigInt(((a << 16) | (b << 24) | c | (length << 8)) >>> 0);
  const flip = BigInt((secretView.getUint32(0, true) ^ secretView.getUint32(4, true)) >>> 0);
  return avalanche64(combined ^ flip);
}

function upTo8(view: DataView, length: number): bigint {
  const first = BigInt(view.getUint32(0, true));
  const last = BigInt(view.getUint32(length - 4, true));
  let hash = (last + (first << 32n)) ^ (secret64(8) ^ secret64(16));
  hash ^= rotate(hash, 49n) ^ rotate(hash, 24n);
  hash = (hash * MX2) & MASK;
  hash ^= (hash >> 35n) + BigInt(length);
  hash = (hash * MX2) & MASK;
  return hash ^ (hash >> 28n);
}

function upTo16(view: DataView, length: number): bigint {
  const low = view.getBigUint64(0, true) ^ (secret64(24) ^ secret64(32));
  const high = view.getBigUint64(length - 8, true) ^ (secret64(40) ^ secret64(48));
  return avalanche((BigInt(length) + swapped(low) + high + folded(low, high)) & MASK);
}

function upTo128(view: DataView, length: number): bigint {
  let sum = BigInt(length) * P64[0];
  for (let i = Math.floor((length - 1) / 32); i >= 0; i--) {
    sum += mixed(view, 16 * i, 32 * i);
    sum += mixed(view, length - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(sum & MASK);
}

function upTo240(view: DataView, length: number): bigint {
  let sum = BigInt(length) * P64[0];
  for (let i = 0; i < 8; i++) sum += mixed(view, 16 * i, 16 * i);
  sum = avalanche(sum & MASK);
  for (let i = 8; i < length >> 4; i++) sum += mixed(view, 16 * i, 16 * (i - 8) + 3);
  return avalanche((sum + mixed(view, length - 16, 136 - 17)) & MASK);
}

const STRIPE = 64;
const STRIPES_OF_BLOCK = (SECRET.length - STRIPE) / 8;

function long(view: DataView, length: number): bigint {
  const lanes = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]];
  const block = STRIPE * STRIPES_OF_BLOCK;
  const blocks = Math.floor((length - 1) / block);
  for (let n = 0; n < blocks; n++) {
    for (let i = 0; i < STRIPES_OF_BLOCK; i++) accumulate(lanes, view, n * block + i * STRIPE, i * 8);
    scramble(lanes);
  }
  const stripes = Math.floor((length - 1 - block * blocks) / STRIPE);
  for (let i = 0; i < stripes; i++) accumulate(lanes, view, blocks * block + i * STRIPE, i * 8);
  accumulate(lanes, view, length - STRIPE, SECRET.length - STRIPE - 7);
  let sum = BigInt(length) * P64[0];
  for (let i = 0; i < 4; i++)
    sum += folded(
      (lanes[2 * i] ?? 0n) ^ secret64(11 + 16 * i),
      (lanes[2 * i + 1] ?? 0n) ^ secret64(19 + 16 * i),
    );
  return avalanche(sum & MASK);
}

function accumulate(lanes: bigint[], view: DataView, at: number, secretAt: number): void {
  for (let i = 0; i < 8; i++) {
    const value = view.getBigUint64(at + 8 * i, true);
    const keyed = value ^ secret64(secretAt + 8 * i);
    lanes[i ^ 1] = ((lanes[i ^ 1] ?? 0n) + value) & MASK;
    lanes[i] = ((lanes[i] ?? 0n) + (keyed & 0xffff_ffffn) * (keyed >> 32n)) & MASK;
  }
}

function scramble(lanes: bigint[]): void {
  for (let i = 0; i < 8; i++) {
    const lane = lanes[i] ?? 0n;
    lanes[i] = ((lane ^ (lane >> 47n) ^ secret64(SECRET.length - STRIPE + 8 * i)) * P32[0]) & MASK;
  }
}

function mixed(view: DataView, at: number, secretAt: number): bigint {
  const low = view.getBigUint64(at, true) ^ secret64(secretAt);
  return folded(low, view.getBigUint64(at + 8, true) ^ secret64(secretAt + 8));
}

function folded(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function rotate(value: bigint, bits: bigint): bigint {
  const kept = value & MASK;
  return ((kept << bits) | (kept >> (64n - bits))) & MASK;
}

function swapped(value: bigint): bigint {
  let out = 0n;
  for (let i = 0n; i < 64n; i += 8n) out = (out << 8n) | ((value >> i) & 0xffn);
  return out;
}

function avalanche(value: bigint): bigint {
  let hash = value ^ (value >> 37n);
  hash = (hash * MX1) & MASK;
  return hash ^ (hash >> 32n);
}

/** That of XXH64. */
function avalanche64(value: bigint): bigint {
  let hash = value ^ (value >> 33n);
  hash = (hash * P64[1]) & MASK;
  hash ^= hash >> 29n;
  hash = (hash * P64[2]) & MASK;
  return hash ^ (hash >> 32n);
}
