/**
 * The sums of which the trees are made. A *leaf* is one sixteenth of a slot, by the hash of the key: what is in it is
 * one contiguous range of the engine, whatever the number of partitions. Its sum is that of the digests of its records,
 * in four lanes of 32 bits that are added each for itself. So it does not depend on the order in which records come,
 * and a change costs one subtraction and one addition. The sum of a slot is that of its leaves, and the sum of a
 * partition that of its slots: a tree whose inner nodes need not be kept. After Merkle, "A Digital Signature Based on a
 * Conventional Encryption Function", 1987, with sums of hashes in the place of hashes of hashes (Bellare and Micciancio,
 * "A New Paradigm for Collision-free Hashing", 1997).
 */
export const LEAVES_PER_SLOT = 16;
export const LANES = 4;
/** Bits of a key's 16-bit hash below those that name its leaf. */
const BITS_IN_LEAF = 12;

/** Numbers of one leaf, slot or partition. */
export type Sum = Int32Array;

export function newSum(): Sum {
  return new Int32Array(LANES);
}

/** Which leaf of its slot a key with this hash is in. */
export function leafOfHash(hash: number): number {
  return hash >>> BITS_IN_LEAF;
}

/** The first hash of a leaf; that of leaf 16 ends the slot. */
export function firstHashOfLeaf(leaf: number): number {
  return leaf << BITS_IN_LEAF;
}

/** `sums[at..] += digest[from..]`. */
export function addTo(sums: Sum, at: number, digest: Sum, from = 0): void {
  for (let lane = 0; lane < LANES; lane++)
    sums[at + lane] = ((sums[at + lane] ?? 0) + (digest[from + lane] ?? 0)) | 0;
}

/** `sums[at..] -= digest`. */
export function takeFrom(sums: Sum, at: number, digest: Sum): void {
  for (let lane = 0; lane < LANES; lane++)
    sums[at + lane] = ((sums[at + lane] ?? 0) - (digest[lane] ?? 0)) | 0;
}

export function sameSum(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}
