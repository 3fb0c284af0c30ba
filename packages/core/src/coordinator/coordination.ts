/** What the operations of a coordinator use, and what they count. */
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { Budget } from "../control/budget.ts";
import type { MemberId } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import type { Events } from "../ports/events.ts";
import type { Storage } from "../ports/storage.ts";
import type { HintKeeper } from "../replica/hint-keeper.ts";
import type { KeyPlacement } from "../replica/key-placement.ts";
import type { ConflictLedger } from "../replica/conflict-ledger.ts";
import type { Random } from "../ports/random.ts";
import type { CasAcceptor } from "../replica/cas-acceptor.ts";
import type { Minter } from "../replica/minter.ts";
import { Operation, type OperationParts } from "../replica/operation.ts";
import type { Peers } from "../replica/peers.ts";
import type { Healer } from "../replica/record-merge.ts";
import type { ScanServer } from "../replica/scan-server.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { ReadRepairs } from "./read-repairs.ts";

export interface CoordinatorParts extends OperationParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  readonly events: Events;
  readonly random: Random;
  readonly minter: Minter;
  /** This member's own. */
  readonly acceptor: CasAcceptor;
  readonly storage: Storage;
  readonly store: RecordStore;
  readonly peers: Peers;
  readonly healer: Healer;
  readonly repairs: ReadRepairs;
  readonly budget: Budget;
  readonly scans: ScanServer;
  /** Scans that this member coordinates now. */
  readonly scanning: { count: number };
  readonly ledger: ConflictLedger;
  readonly hints: HintKeeper;
  /** Writes whose end is told and whose last homes are waited for. */
  readonly watching: { count: number };
  /** Conditional writes and serial reads that wait for their turn or are being decided here. */
  readonly deciding: { count: number };
  readonly placement: KeyPlacement;
  readonly counters: Counters;
  /** A hash of the cluster's name, for context tokens. */
  readonly clusterHash: number;
  /** By how much what comes in now may have been delayed here, in ms. */
  readonly lateMs: () => number;
  /** `OK`, or why this member stores nothing now. */
  readonly storable: () => OutcomeCode;
  /** `OK`, or why this member takes no writes now. */
  readonly writable: () => OutcomeCode;
}

/** What the coordinator has done since the start. */
export interface Counters {
  gets: number;
  puts: number;
  deletes: number;
  conditionals: number;
  forwarded: number;
  secondRounds: number;
  divergentReads: number;
  /** Keys that were repaired after a read, that could not be at every home, and that there was no budget for. */
  readRepairs: number;
  readRepairsFailed: number;
  readRepairsSkipped: number;
  readonly failures: Map<OutcomeCode, number>;
}

export function newCounters(): Counters {
  return {
    gets: 0,
    puts: 0,
    deletes: 0,
    conditionals: 0,
    forwarded: 0,
    secondRounds: 0,
    divergentReads: 0,
    readRepairs: 0,
    readRepairsFailed: 0,
    readRepairsSkipped: 0,
    failures: new Map(),
  };
}

export function countFailure(counters: Counters, code: OutcomeCode): void {
  counters.failures.set(code, (counters.failures.get(code) ?? 0) + 1);
}

export abstract class CoordinatorOperation extends Operation<CoordinatorParts> {
  /** It is over. How long it took tells the background how much room there is, unless it failed: that says other things. */
  protected close(code: OutcomeCode, timeoutMs: number, deadlineMs: number): void {
    const { timers, budget } = this.parts;
    this.unregister();
    timers.cancel(this);
    if (code === "OK") budget.onForeground(timeoutMs - (deadlineMs - timers.nowMs()));
  }
}
