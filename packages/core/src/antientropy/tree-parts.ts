/**
 * What members ask of each other's trees:
 *
 * | level    | ids                          | reply, for each id                                                |
 * | -------- | ---------------------------- | ----------------------------------------------------------------- |
 * | `ROOTS`  | partitions                   | state u8 (1: not known now), sum (16 bytes)                       |
 * | `SLOTS`  | slots                        | the same                                                          |
 * | `LEAVES` | slots                        | state u8, the sums of its sixteen leaves                          |
 * | `ROWS`   | one: slot * 16 + leaf        | heads of the leaf's records from `from` on, as in `scan-rows.ts`  |
 *
 * A sum is that of the namespaces whose keys have both members as homes.
 */
import { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { LANES, LEAVES_PER_SLOT, type Sum, firstHashOfLeaf, newSum } from "../merkle/leaf-sums.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { partitionOfSlot } from "../ring/placement.ts";
import { bucketStart, slotStart } from "../storage/keyspace.ts";

export const ROOTS = 0;
export const SLOT_SUMS = 1;
export const LEAVES = 2;
export const ROWS = 3;

/** Ids of one question. */
export const IDS_MAX = 1_024;
/** Ids of one question for leaves: 257 bytes each in the reply. */
export const LEAVES_MAX = 64;
/** Rows of one page of a leaf. */
export const ROWS_MAX = 512;

const KNOWN = 0;
const UNKNOWN = 1;

/** The later of the two members' places among a partition's homes; -1 where one is no home. */
export function sharedPosition(
  topology: Topology,
  partition: number,
  one: MemberId,
  other: MemberId,
): number {
  const homes = topology.preferenceLists[partition]?.homes ?? [];
  const places = [homes.indexOf(one), homes.indexOf(other)];
  return Math.min(...places) < 0 ? -1 : Math.max(...places);
}

export function partitionOf(topology: Topology, slot: number): number {
  return partitionOfSlot(slot, topology.preferenceLists.length);
}

export function leafId(slot: number, leaf: number): number {
  return slot * LEAVES_PER_SLOT + leaf;
}

export function slotOfLeafId(id: number): number {
  return Math.floor(id / LEAVES_PER_SLOT);
}

/** The storage keys of a leaf's records: from the first on, below the second. */
export function rangeOfLeaf(id: number): { readonly from: Bytes; readonly to: Bytes } {
  const slot = slotOfLeafId(id);
  const leaf = id % LEAVES_PER_SLOT;
  const from = bucketStart(slot, firstHashOfLeaf(leaf), 0);
  const isLast = leaf + 1 === LEAVES_PER_SLOT;
  return { from, to: isLast ? slotStart(slot + 1) : bucketStart(slot, firstHashOfLeaf(leaf + 1), 0) };
}

/** `sums` null: not known now. */
export function putSums(out: ByteWriter, sums: readonly Sum[] | null, count: number): void {
  out.u8(sums === null ? UNKNOWN : KNOWN);
  for (let i = 0; i < count; i++) {
    const sum = sums?.[i] ?? newSum();
    for (let lane = 0; lane < LANES; lane++) out.u32((sum[lane] ?? 0) >>> 0);
  }
}

/** For each id its sums, or null where they are not known; null when the bytes make no sense. */
export function readSums(bytes: Bytes, ids: number, count: number): (Sum[] | null)[] | null {
  const reader = new ByteReader(bytes);
  const found: (Sum[] | null)[] = [];
  for (let id = 0; id < ids && !reader.failed; id++) {
    const state = reader.u8();
    const sums = Array.from({ length: count }, () => readSum(reader));
    if (state > UNKNOWN) reader.fail();
    found.push(state === KNOWN ? sums : null);
  }
  return reader.complete ? found : null;
}

function readSum(reader: ByteReader): Sum {
  const sum = newSum();
  for (let lane = 0; lane < LANES; lane++) sum[lane] = reader.u32();
  return sum;
}
