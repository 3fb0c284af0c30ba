/** The keys of a run, where they live, and how they are asked for when all is calm. */
import { type MemberId, homesOf, partitionOfSlot, slotOf } from "@kvorum/core";
import type { World } from "../world/world.ts";
import { keyBytes } from "../workloads/key-bytes.ts";
import type { Recorder } from "../workloads/recorder.ts";
import type { Wish } from "../workloads/stage.ts";

export function keysOf(recorder: Recorder): readonly string[] {
  return [...new Set(recorder.operations.map(({ key }) => key))].toSorted();
}

export function homesOfSlot(world: World): (slot: number) => readonly MemberId[] {
  const { topology } = world;
  return (slot) =>
    homesOf(topology, world.options.replicas, partitionOfSlot(slot, topology.preferenceLists.length));
}

export function homesOfKey(world: World): (key: string) => readonly MemberId[] {
  const homes = homesOfSlot(world);
  return (key) => homes(slotOf(keyBytes(key)));
}

/** A read; nobody is impatient any more. */
export function wishAfterHealing(member: MemberId, key: string, homes: number, timeoutMs: number): Wish {
  return {
    client: 0,
    member,
    kind: "get",
    key,
    homes,
    levelsFirst: false,
    durability: "fsync",
    fallbacks: "deny",
    context: null,
    onlyIfSeen: false,
    isConditional: false,
    elements: null,
    valueBytes: 24,
    ttlMs: 0,
    timeoutMs,
    patienceMs: Infinity,
    isAfterHealing: true,
    excuses: [],
  };
}
