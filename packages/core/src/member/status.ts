/** What a member says of itself, as plain data. */
import { hex } from "../base/utf8.ts";
import type { BudgetStatus } from "../control/budget.ts";
import type { Counters } from "../coordinator/coordination.ts";
import { hintTotals } from "../hints/hint-tally.ts";
import type { PeerLinks } from "../membership/links.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import type { StorageSizes } from "../ports/storage.ts";
import type { ConflictStatus } from "../replica/conflict-ledger.ts";
import type { ScrubStatus } from "../replica/scrub.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { HybridClock } from "../version/hlc.ts";
import type { UpkeepStatus } from "./upkeep.ts";
import type { MemberState, MemberStatus, PeerStatus } from "./api.ts";

export interface StatusSources {
  readonly id: MemberId;
  readonly state: MemberState;
  readonly topology: Topology;
  readonly links: PeerLinks;
  readonly storage: StorageSizes;
  readonly clock: HybridClock;
  readonly suspended: boolean;
  readonly counters: Counters;
  readonly store: RecordStore;
  readonly conflicts: ConflictStatus;
  readonly upkeep: UpkeepStatus;
  readonly budget: BudgetStatus;
  readonly scrub: ScrubStatus;
  /** Operations under way. */
  readonly operations: number;
}

export function memberStatus(sources: StatusSources): MemberStatus {
  const { id, state, topology, links, storage, clock, suspended, counters, store, conflicts } = sources;
  return {
    id,
    name: topology.members.find((member) => member.id === id)?.name ?? "",
    state,
    cluster: topology.cluster,
    epoch: topology.epoch,
    topologyDigest: hex(topology.digest),
    peers: topology.members
      .filter((member) => member.id !== id)
      .map((member) => peerStatus(links, member.id, member.name)),
    storage,
    clock: { nowMs: clock.nowMs(), driftRefusals: clock.driftRefusals, suspended },
    counters: {
      gets: counters.gets,
      puts: counters.puts,
      deletes: counters.deletes,
      conditionals: counters.conditionals,
      failures: Object.fromEntries(counters.failures),
      forwarded: counters.forwarded,
      secondRounds: counters.secondRounds,
      divergentReads: counters.divergentReads,
      readRepairs: counters.readRepairs,
      readRepairsFailed: counters.readRepairsFailed,
      readRepairsSkipped: counters.readRepairsSkipped,
      damagedRecords: store.damagedRecords,
    },
    inFlight: {
      operations: sources.operations,
      pendingAppends: store.pendingAppends,
      pendingBytes: store.pendingBytes,
      waitingReads: store.waiting,
    },
    caches: { entries: store.entries, valueBytes: store.valueBytes, hits: store.hits, misses: store.misses },
    conflicts,
    upkeep: sources.upkeep,
    budget: sources.budget,
    hints: hintTotals(sources.upkeep.hints),
    scrub: sources.scrub,
  };
}

function peerStatus(links: PeerLinks, id: MemberId, name: string): PeerStatus {
  return {
    id,
    name,
    state: links.state(id),
    reason: links.reason(id),
    roundTripMs: links.roundTripMs(id),
    clockOffsetMs: links.clockOffsetMs(id),
  };
}
