/** What the rounds of one key have in common: where they go, for whom, how long, and who has answered. */
import { type Bytes, EMPTY_BYTES, bytesEqual } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { Ballot } from "../paxos/ballot.ts";
import { QUORUM, homesNeeded } from "../quorum/needed.ts";
import { namespaceOfRecordKey } from "../storage/keyspace.ts";
import { expiresWithin, headOf } from "../version/record.ts";
import type { Attempt } from "./attempts.ts";
import { decide } from "./conditional-batch.ts";
import type { ConditionalJob } from "./conditional-job.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import { Poll } from "./poll.ts";
import type { WritePlace } from "./replication.ts";

const REST_MS_MIN = 2;
const REST_MS_MAX = 100;

export abstract class ProposalFrame extends CoordinatorOperation {
  protected readonly where: WritePlace;
  protected readonly poll: Poll;
  /** Those that this round is for. */
  protected jobs: ConditionalJob[] = [];
  #begunMs = 0;
  /** Our clock when this phase began: whoever answers in it has seen that, and goes on from there. */
  #askedClockMs = 0;

  constructor(parts: CoordinatorParts, storageKey: Bytes, homes: readonly MemberId[]) {
    super(parts);
    this.where = { storageKey, homes, fallbacks: [], w: homesNeeded(QUORUM, homes.length) };
    this.poll = new Poll(homes, this.where.w);
  }

  /** Answers to what was asked before no longer find this operation. */
  protected beginPhase(): void {
    this.poll.reset();
    this.#begunMs = this.parts.timers.nowMs();
    this.#askedClockMs = this.parts.clock.nowMs();
    this.register();
    this.watch();
  }

  /** All who were asked in this phase have answered, or had as long as a peer may be silent. */
  protected get hasHeardAll(): boolean {
    const { timers, limits } = this.parts;
    return !this.poll.isOpen || timers.nowMs() >= this.#begunMs + limits.suspectAfterMs;
  }

  /** Something may be slow, or everybody may have given up. */
  protected watch(): void {
    const { timers, limits } = this.parts;
    timers.at(this, Math.min(timers.nowMs() + limits.readHedgeMs, this.#lastMs + 1));
  }

  /** The clock after which nobody waits for the jobs of this round. */
  protected get deadline(): number {
    return this.deadlineClock(Math.max(0, this.#lastMs - this.parts.timers.nowMs()));
  }

  /** What becomes of this record when all that wait are decided on it now. */
  protected decided(base: Bytes | null): Omit<Attempt, "origin"> {
    const { limits, placement, clusterHash, clock, minter } = this.parts;
    const namespace = namespaceOfRecordKey(this.where.storageKey);
    // Our clock has adopted those of all who have answered.
    const nowMs = clock.nowMs();
    const requests = this.jobs.map(({ request }) => request);
    const rules = {
      limits,
      policy: placement.policyOf(namespace),
      scope: { cluster: clusterHash, namespace },
      nowMs,
      mint: (floor: number) => (clock.tooFarAhead(floor) ? 0 : minter.mint(floor)),
    };
    return { ...decide(base, requests, rules), base, jobs: this.jobs, nowMs };
  }

  /**
   * Whether those who answered would all judge alike from now on what has expired by `nowMs`. A version that ran out
   * between the question and the answer may have done so by one clock alone, and a later reader who asks the others
   * would find it live again: then they must be asked once more, by this clock.
   */
  protected isFirm(record: Bytes | null, nowMs: number): boolean {
    return !expiresWithin(record, this.#askedClockMs, nowMs);
  }

  /** How long to back off after so many failures: by chance, longer each time. */
  protected restMs(failures: number): number {
    const longest = Math.min(REST_MS_MIN * (1 << Math.min(failures, 10)), REST_MS_MAX);
    return 1 + Math.floor((this.parts.random.u32() / 0x1_0000_0000) * longest);
  }

  protected get reachable(): number {
    const { self, peers } = this.parts;
    return this.where.homes.filter((home) => home === self || peers.reachable(home)).length;
  }

  /** This member first, then those that can be reached. */
  protected homesInOrder(): MemberId[] {
    const { self, peers } = this.parts;
    const order = (home: MemberId): number => (home === self ? 0 : peers.reachable(home) ? 1 : 2);
    return this.where.homes.toSorted((a, b) => order(a) - order(b));
  }

  protected ballotAt(clock: number): Ballot {
    return { epoch: this.parts.topology.epoch, clock, member: this.parts.self };
  }

  get #lastMs(): number {
    return this.jobs.reduce((latest, { deadlineMs }) => Math.max(latest, deadlineMs), 0);
  }
}

/** The head of a record; empty for none. */
export function headBytes(record: Bytes | null): Bytes {
  return record === null ? EMPTY_BYTES : headOf(record);
}

export function isSameHead(record: Bytes | null, head: Bytes): boolean {
  return bytesEqual(headBytes(record), head);
}
