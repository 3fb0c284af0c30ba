/** Whom to ask for the next stretch of a scan, so that a majority of the homes of each partition in it is asked. */
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { QUORUM, homesNeeded } from "../quorum/needed.ts";
import { homesOf, partitionOfSlot, slotsOfPartition } from "../ring/placement.ts";

export interface ScanPlan {
  readonly members: ReadonlySet<MemberId>;
  /** The stretch ends before this slot. That is where it begins when its first partition has too few homes to ask. */
  readonly slotEnd: number;
  /** Of the partition at which the stretch ends: homes that can be asked, and that must be. */
  readonly able: number;
  readonly needed: number;
}

/**
 * Plans from `slot` on, over at most `partitions` partitions, and not beyond `slotEnd`. `cost` orders the homes of a
 * partition; Infinity: it cannot be asked.
 */
export function planScan(
  topology: Topology,
  n: number,
  slot: number,
  slotEnd: number,
  partitions: number,
  cost: (member: MemberId) => number,
): ScanPlan {
  const count = topology.preferenceLists.length;
  const members = new Set<MemberId>();
  let end = slot;
  for (let i = 0; i < partitions && end < slotEnd; i++) {
    const partition = partitionOfSlot(end, count);
    const homes = homesOf(topology, n, partition);
    const needed = homesNeeded(QUORUM, homes.length);
    const able = homes.filter((home) => cost(home) < Infinity);
    if (able.length < needed) return { members, slotEnd: end, able: able.length, needed };
    let missing = needed - able.filter((home) => members.has(home)).length;
    for (const home of able.toSorted((a, b) => cost(a) - cost(b))) {
      if (missing <= 0) break;
      if (members.has(home)) continue;
      members.add(home);
      missing--;
    }
    end = slotsOfPartition(partition, count).last + 1;
  }
  return { members, slotEnd: Math.min(end, slotEnd), able: 0, needed: 0 };
}
