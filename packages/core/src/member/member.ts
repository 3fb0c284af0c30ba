/** Puts a member together, and passes what comes in to whoever it is for. It decides nothing itself. */
import { Forest } from "../antientropy/forest.ts";
import type { Bytes } from "../base/bytes.ts";
import { hash32 } from "../base/hash.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import { SlotTable } from "../base/slot-table.ts";
import { latin1Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import { Budget } from "../control/budget.ts";
import { StallWatch } from "../control/stall-watch.ts";
import { Timers } from "../control/timers.ts";
import type { ConditionalRequest, ConditionalUser } from "../coordinator/conditional.ts";
import type { ConflictsRequest, ConflictsUser } from "../coordinator/conflicts.ts";
import { Coordinator } from "../coordinator/coordinator.ts";
import { type CoordinatorParts, type Counters, newCounters } from "../coordinator/coordination.ts";
import { ReadRepairs } from "../coordinator/read-repairs.ts";
import { RecordHealer } from "../coordinator/record-healer.ts";
import type {
  CountUser,
  ExplainUser,
  GetRequest,
  GetUser,
  PutRequest,
  PutUser,
  ScanRequest,
  ScanUser,
} from "../coordinator/request.ts";
import type { VerifyRequest, VerifyUser } from "../coordinator/verify.ts";
import { Hints } from "../hints/hints.ts";
import { PeerLinks, type PeerEvents } from "../membership/links.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import type { Alarm, Clock } from "../ports/clock.ts";
import type { Events } from "../ports/events.ts";
import type { Random } from "../ports/random.ts";
import type { Storage } from "../ports/storage.ts";
import type { Lane, LinkId, LinkInputs, Transport } from "../ports/transport.ts";
import { ConflictLedger } from "../replica/conflict-ledger.ts";
import { CasAcceptor } from "../replica/cas-acceptor.ts";
import { Minter, type MintWaiter } from "../replica/minter.ts";
import type { AnyOperation } from "../replica/operation.ts";
import { Replica } from "../replica/replica.ts";
import { ScanServer } from "../replica/scan-server.ts";
import { KeyPlacement } from "../replica/key-placement.ts";
import { AcceptorStore } from "../storage/acceptor-store.ts";
import type { ClockMemory } from "../storage/metadata-store.ts";
import { RecordStore } from "../storage/record-store.ts";
import { HybridClock } from "../version/hlc.ts";
import { Admission } from "./admission.ts";
import type { MemberApi, MemberState, MemberStatus } from "./api.ts";
import { MessageRouter } from "./message-router.ts";
import { type PartitionStatus, Upkeep } from "./upkeep.ts";
import { memberStatus } from "./status.ts";

/** What an environment (a process, a simulator) gives a member. */
export interface MemberParts {
  readonly self: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly random: Random;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly events: Events;
  /** What the storage remembers of clocks and of directories (`loadClockMemory`). */
  readonly memory: ClockMemory;
  /** Free bytes on the disk that holds the data, as last measured. */
  readonly freeDiskBytes: () => number;
}

export class Member implements MemberApi, LinkInputs, PeerEvents, MintWaiter {
  readonly id: MemberId;
  readonly topology: Topology;
  readonly limits: Limits;
  /** Where what peers say goes. */
  readonly messages: MessageRouter;
  readonly #parts: MemberParts;
  readonly #clock: HybridClock;
  readonly #timers: Timers;
  readonly #links: PeerLinks;
  readonly #placement: KeyPlacement;
  readonly #ledger: ConflictLedger;
  readonly #store: RecordStore;
  readonly #admission: Admission;
  readonly #minter: Minter;
  readonly #replica: Replica;
  readonly #operations = new SlotTable<AnyOperation>();
  readonly #stalls: StallWatch;
  readonly #coordinator: Coordinator;
  readonly #upkeep: Upkeep;
  readonly #budget: Budget;
  readonly #counters: Counters = newCounters();
  #state: MemberState = "starting";

  constructor(parts: MemberParts) {
    const { self, topology, limits, storage } = parts;
    this.id = self;
    this.topology = topology;
    this.limits = limits;
    this.#parts = parts;
    this.#clock = new HybridClock(parts.clock, limits.maxClockDriftMs, parts.memory.ceiling);
    this.#timers = new Timers(parts.clock, parts.alarm);
    this.#stalls = new StallWatch(parts.clock.monoMs());
    this.#budget = new Budget({ timers: this.#timers, limits, lateMs: () => this.#lateMs() });
    this.messages = new MessageRouter(this.#operations, () => ({
      replica: this.#replica,
      acceptor: coordination.acceptor,
      coordinator: this.#coordinator,
      upkeep: this.#upkeep,
    }));
    this.#links = new PeerLinks({
      self,
      topology,
      limits,
      clock: parts.clock,
      hlc: this.#clock,
      timers: this.#timers,
      random: parts.random,
      transport: parts.transport,
      events: parts.events,
      memory: parts.memory,
      handler: this.messages,
      peerEvents: this,
    });
    this.#placement = new KeyPlacement(topology);
    this.#ledger = new ConflictLedger({
      storage,
      clock: this.#clock,
      timers: this.#timers,
      limits,
      events: parts.events,
      placement: this.#placement,
    });
    const forest = new Forest({
      storage,
      timers: this.#timers,
      lives: parts.memory.lives,
      limits,
      topology,
      seed: clusterHashOf(topology),
      store: () => this.#store,
      healer: () => coordination.healer,
    });
    this.#store = new RecordStore(storage, limits, this.#ledger, forest);
    this.#admission = new Admission(limits, this.#store, this.#links, parts.freeDiskBytes);
    this.#minter = new Minter(self, this.#clock, storage, this.#timers, limits, () => this.#remembered());
    const coordination = this.#coordination();
    this.#replica = new Replica({
      ...coordination,
      isHome: (key) => this.#placement.isHome(self, key),
      standsInFor: (target, key) => this.#placement.standsInFor(self, target, key),
    });
    this.#coordinator = new Coordinator(coordination);
    this.#upkeep = new Upkeep(coordination, forest);
  }

  /** Begins to dial peers and to serve. Writes wait until the first ceiling of the clock is on disk. */
  start(): void {
    this.#links.start();
    this.#ledger.start();
    this.#upkeep.start();
    this.#minter.start(this);
  }

  onMintable(): void {
    this.#state = "serving";
    this.#parts.events.event("info", "serving", "the member serves requests", { member: this.id });
  }

  get(request: GetRequest, user: GetUser, tag: number): void {
    this.#coordinator.get(request, user, tag);
  }

  put(request: PutRequest, user: PutUser, tag: number): void {
    this.#coordinator.put(request, user, tag);
  }

  conditional(request: ConditionalRequest, user: ConditionalUser, tag: number): void {
    this.#coordinator.conditional(request, user, tag);
  }

  explain(namespace: NamespaceId, key: Bytes, timeoutMs: number, user: ExplainUser, tag: number): void {
    this.#coordinator.explain(namespace, key, timeoutMs, user, tag);
  }

  count(namespace: NamespaceId, timeoutMs: number, user: CountUser, tag: number): void {
    this.#coordinator.count(namespace, timeoutMs, user, tag);
  }

  scan(request: ScanRequest, user: ScanUser, tag: number): void {
    this.#coordinator.scan(request, user, tag);
  }

  conflicts(request: ConflictsRequest, user: ConflictsUser, tag: number): void {
    this.#coordinator.conflicts(request, user, tag);
  }

  verify(request: VerifyRequest, user: VerifyUser, tag: number): void {
    this.#coordinator.verify(request, user, tag);
  }

  partitions(first: number, count: number): PartitionStatus[] {
    return this.#upkeep.partitions(first, count);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  reachable(member: MemberId): boolean {
    return member === this.id || this.#links.reachable(member);
  }

  status(): MemberStatus {
    return memberStatus({
      id: this.id,
      state: this.#state,
      topology: this.topology,
      links: this.#links,
      storage: this.#parts.storage.sizes(),
      clock: this.#clock,
      suspended: this.#links.clockSuspended(),
      counters: this.#counters,
      store: this.#store,
      conflicts: this.#ledger.status(),
      upkeep: this.#upkeep.status(),
      budget: this.#budget.status(),
      scrub: this.#upkeep.scrub.status(),
      operations: this.#operations.size,
    });
  }

  adjustBudget(operations: number, bytes: number): void {
    this.#budget.adjust(operations, bytes);
  }

  onAlarm(): void {
    this.#stalls.beat(this.#parts.clock.monoMs());
    this.#timers.onAlarm();
  }

  /** After a burst of inputs: start a journal round, close the frames that were written to. */
  onTurnEnd(): void {
    this.#parts.storage.onTurnEnd();
    this.#links.onTurnEnd();
  }

  onLinkUp(link: LinkId, peer: MemberId, lane: Lane | null): void {
    this.#links.onLinkUp(link, peer, lane);
  }

  onDialFailed(peer: MemberId, lane: Lane, reason: string): void {
    this.#links.onDialFailed(peer, lane, reason);
  }

  onLinkBytes(link: LinkId, chunk: Bytes): void {
    this.#stalls.beat(this.#parts.clock.monoMs());
    this.#links.onLinkBytes(link, chunk);
  }

  onLinkDown(link: LinkId, reason: string): void {
    this.#links.onLinkDown(link, reason);
  }

  /** Operations ask who is reachable when they need somebody. */
  onPeerUp(peer: MemberId): void {
    this.#upkeep.onPeerUp(peer);
  }

  onPeerDown(peer: MemberId): void {
    this.#operations.forEach((operation) => operation.onPeerDown(peer));
  }

  onBulkDown(peer: MemberId): void {
    this.#operations.forEach((operation) => operation.onBulkDown(peer));
  }

  onSuspect(peer: MemberId, suspect: boolean): void {
    if (suspect) this.#operations.forEach((operation) => operation.onPeerSilent(peer));
    else this.#upkeep.onPeerUp(peer);
  }

  /** What is saved with the ceiling of the clock. */
  #remembered(): Omit<ClockMemory, "ceiling"> {
    return { ...this.#links.remembered(), lives: this.#parts.memory.lives };
  }

  /** How late what comes in now may be. */
  #lateMs(): number {
    return this.#stalls.lateMs(this.#parts.clock.monoMs());
  }

  #coordination(): CoordinatorParts & { readonly hints: Hints } {
    const { self, topology, limits, storage, random } = this.#parts;
    const healer = new RecordHealer(() => parts);
    const storable = (): OutcomeCode => this.#admission.storable();
    const hints = new Hints({
      self,
      storage,
      limits,
      random,
      timers: this.#timers,
      clock: this.#clock,
      events: this.#parts.events,
      peers: this.#links,
      operations: this.#operations,
      placement: this.#placement,
      budget: this.#budget,
      storable,
      records: { store: this.#store, healer },
    });
    const parts: CoordinatorParts = {
      self,
      topology,
      limits,
      timers: this.#timers,
      clock: this.#clock,
      events: this.#parts.events,
      random,
      minter: this.#minter,
      acceptor: new CasAcceptor({
        epoch: topology.epoch,
        limits,
        clock: this.#clock,
        events: this.#parts.events,
        store: this.#store,
        states: new AcceptorStore(storage, limits.acceptorCacheBytesMax),
        peers: this.#links,
        healer,
        storable,
        isHome: (key) => this.#placement.isHome(self, key),
      }),
      storage,
      store: this.#store,
      peers: this.#links,
      healer,
      repairs: new ReadRepairs(() => parts),
      budget: this.#budget,
      scans: new ScanServer(storage, this.#store, limits),
      scanning: { count: 0 },
      ledger: this.#ledger,
      hints,
      watching: { count: 0 },
      deciding: { count: 0 },
      placement: this.#placement,
      operations: this.#operations,
      counters: this.#counters,
      clusterHash: clusterHashOf(topology),
      lateMs: () => this.#lateMs(),
      writable: () => this.#admission.writable(),
      storable,
    };
    return { ...parts, hints };
  }
}

/** Names the cluster in tokens and digests. */
function clusterHashOf({ cluster }: Topology): number {
  const name = latin1Encode(cluster);
  return hash32(name, 0, name.length, 0);
}
