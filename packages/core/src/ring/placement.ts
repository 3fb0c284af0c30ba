/** From a slot to a partition, and from there to the members that hold it. */
import { assert } from "../base/assert.ts";
import type { MemberId } from "../model/member.ts";
import type { PreferenceList, Topology } from "../model/topology.ts";
import { SLOTS } from "./slot.ts";

/** Partitions are equal runs of slots; their number is a power of two, at most that of the slots. */
export function partitionOfSlot(slot: number, partitions: number): number {
  return Math.floor((slot * partitions) / SLOTS);
}

export interface SlotRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

export function slotsOfPartition(partition: number, partitions: number): SlotRange {
  const width = SLOTS / partitions;
  return { first: partition * width, last: (partition + 1) * width - 1 };
}

export function preferenceListOf(topology: Topology, slot: number): PreferenceList {
  return listOf(topology, partitionOfSlot(slot, topology.preferenceLists.length));
}

/** The homes of a partition for a namespace whose keys have `n`: the first `n`, or all when there are fewer. */
export function homesOf(topology: Topology, n: number, partition: number): readonly MemberId[] {
  const homes = listOf(topology, partition).homes;
  return n >= homes.length ? homes : homes.slice(0, n);
}

function listOf(topology: Topology, partition: number): PreferenceList {
  const list = topology.preferenceLists[partition];
  assert(list !== undefined, "every partition has a preference list");
  return list;
}
