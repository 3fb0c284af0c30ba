/**
 * The cluster as clients of Redis Cluster see it: runs of slots, each with a master and replicas. Any member serves
 * any key, so a view that is a little old costs a hop and nothing else. The master of a slot is the first of its
 * homes that this member can reach, since that one coordinates writes.
 */
import { createHash } from "node:crypto";
import {
  SLOTS,
  assert,
  homesOf,
  slotsOfPartition,
  type MemberApi,
  type MemberId,
  type MemberInfo,
  type Topology,
} from "@kvorum/core";

/** Neighbouring slots that live at the same members. */
export interface SlotRun {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  /** The master, then the replicas. */
  readonly members: readonly MemberInfo[];
}

/** Slots that live at the same members, wherever they lie. */
export interface Shard {
  readonly members: readonly MemberInfo[];
  readonly runs: readonly SlotRun[];
}

export class ClusterView {
  readonly #member: MemberApi;
  readonly #nodeIds = new Map<MemberId, string>();
  #topology: Topology | null = null;
  #reached = "";
  #runs: readonly SlotRun[] = [];
  #slotsOk = 0;

  constructor(member: MemberApi) {
    this.#member = member;
  }

  /** In order of slots, covering all of them. */
  runs(): readonly SlotRun[] {
    this.#refresh();
    return this.#runs;
  }

  shards(): readonly Shard[] {
    const byMembers = new Map<string, SlotRun[]>();
    for (const run of this.runs()) {
      const name = run.members.map(({ id }) => id).join();
      const runs = byMembers.get(name);
      if (runs === undefined) byMembers.set(name, [run]);
      else runs.push(run);
    }
    return [...byMembers.values()].map((runs) => ({ members: runs[0]?.members ?? [], runs }));
  }

  /** Slots with a majority of homes within reach. */
  slotsOk(): number {
    this.#refresh();
    return this.#slotsOk;
  }

  /** 40 hexadecimal digits, the same at every member and in every process: Redis's form of a node's name. */
  nodeId(id: MemberId): string {
    let nodeId = this.#nodeIds.get(id);
    if (nodeId === undefined) {
      const { cluster } = this.#member.topology;
      nodeId = createHash("sha1").update(`kvorum member ${cluster} ${id}`).digest("hex");
      this.#nodeIds.set(id, nodeId);
    }
    return nodeId;
  }

  self(): MemberInfo {
    const found = this.#member.topology.members.find(({ id }) => id === this.#member.id);
    assert(found !== undefined, "a member is in its own topology");
    return found;
  }

  /** The homes of a partition for keys of the namespace that connections begin in. */
  homes(partition: number): readonly MemberId[] {
    const { topology } = this.#member;
    return homesOf(topology, defaultNamespace(topology).n, partition);
  }

  #refresh(): void {
    const { topology } = this.#member;
    const reached = topology.members.map(({ id }) => (this.#member.reachable(id) ? "1" : "0")).join("");
    if (topology === this.#topology && reached === this.#reached) return;
    this.#topology = topology;
    this.#reached = reached;
    this.#build(topology);
  }

  #build(topology: Topology): void {
    const infos = new Map(topology.members.map((info) => [info.id, info]));
    const partitions = topology.preferenceLists.length;
    const runs: SlotRun[] = [];
    this.#slotsOk = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const homes = this.homes(partition);
      const reached = homes.filter((id) => this.#member.reachable(id));
      if (reached.length > homes.length / 2) this.#slotsOk += SLOTS / partitions;
      const master = reached[0] ?? homes[0];
      const members = [...homes]
        .sort((a, b) => Number(b === master) - Number(a === master))
        .flatMap((id) => infos.get(id) ?? []);
      const { first, last } = slotsOfPartition(partition, partitions);
      const before = runs.at(-1);
      if (before !== undefined && sameMembers(before.members, members))
        runs[runs.length - 1] = { ...before, last };
      else runs.push({ first, last, members });
    }
    this.#runs = runs;
  }
}

/** The namespace that connections begin in. */
export function defaultNamespace(topology: Topology): Topology["namespaces"][number] {
  const found = topology.namespaces.find(({ name }) => name === "default") ?? topology.namespaces[0];
  assert(found !== undefined, "a topology has a namespace");
  return found;
}

function sameMembers(a: readonly MemberInfo[], b: readonly MemberInfo[]): boolean {
  return a.length === b.length && a.every((info, i) => info === b[i]);
}
