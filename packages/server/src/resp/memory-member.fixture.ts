/**
 * A member in memory for the face's own tests: one record per key, no peers. Tests decide when it answers, and what
 * fails. Real members stand behind the face in the process tests.
 */
import {
  DEFAULT_LIMITS,
  EMPTY_BYTES,
  QUORUM,
  partitionOfSlot,
  slotCursor,
  slotOf,
  type Bytes,
  type ConditionalRequest,
  type ConditionalUser,
  type ConflictsPage,
  type ConflictsRequest,
  type ConflictsUser,
  type CountUser,
  type Dot,
  type ExplainUser,
  type GetRequest,
  type GetResult,
  type GetUser,
  type Limits,
  type MemberApi,
  type MemberId,
  type MemberInfo,
  type MemberStatus,
  type OutcomeCode,
  type PartitionStatus,
  type PutRequest,
  type PutResult,
  type PutUser,
  type ScanRequest,
  type ScanUser,
  type Topology,
  type VerifyPage,
  type VerifyRequest,
  type VerifyUser,
  type Version,
} from "@kvorum/core";

/** What exchanges with member 2 have come to. */
const TEST_EXCHANGE: MemberStatus["upkeep"]["exchanges"][number] = {
  peer: 2,
  name: "member-2",
  partitions: 16,
  proven: 15,
  oldestProofMs: 90_000,
  exchanges: 9,
  different: 5,
  repaired: 4,
  bytes: 2_000,
  lastCode: "OK",
};

const TEST_HINTS: MemberStatus["upkeep"]["hints"][number] = {
  target: 2,
  references: 7,
  copies: 1,
  bytes: 900,
  oldestMs: 4_000,
  noted: 12,
  delivered: 4,
  dropped: 0,
  refused: 0,
  lastCode: "QUORUM",
};

export const NOW_MS = 1_800_000_000_000;

/**
 * `inside`: within the call; `later`: in a later turn; `held`: when the test says so; `frozen`: likewise, and writes
 * take effect only then.
 */
export type Answering = "inside" | "later" | "held" | "frozen";

interface Failure {
  readonly code: OutcomeCode;
  readonly text: string;
}

const NO_CLAIMS = { hints: 0, readRepair: 0, exchange: 0, scrub: 0 };

export class MemoryMember implements MemberApi {
  readonly id: MemberId;
  readonly limits: Limits;
  topology: Topology;
  answering: Answering = "inside";
  /** Keys (as text) that fail, or everything under `*`. */
  readonly failures = new Map<string, Failure>();
  readonly unreachable = new Set<MemberId>();
  /** Requests in the order in which they came. */
  readonly asked: string[] = [];
  readonly puts: PutRequest[] = [];
  readonly gets: GetRequest[] = [];
  budgetMax = { operations: 10_000, bytes: 1_000_000 };
  now = NOW_MS;
  verifyPage: VerifyPage = {
    code: "OK",
    keys: 0,
    compared: 0,
    different: 0,
    differences: [],
    unasked: [],
    next: null,
  };
  conflictsPage: ConflictsPage = { code: "OK", entries: [], unasked: [], next: null };
  readonly #records = new Map<string, Version[]>();
  /** The clocks of the versions that a token has seen. */
  readonly #seen = new Map<string, ReadonlySet<number>>();
  readonly #held: (() => void)[] = [];
  #clock = 0;

  constructor(parts: { id?: MemberId; limits?: Partial<Limits>; members?: readonly MemberInfo[] } = {}) {
    this.id = parts.id ?? 1;
    this.limits = { ...DEFAULT_LIMITS, ...parts.limits };
    this.topology = testTopology(parts.members ?? [1, 2, 3].map((id) => testMember(id)));
  }

  get(request: GetRequest, user: GetUser, tag: number): void {
    this.asked.push(`get ${textOf(request.key)}`);
    this.gets.push({ ...request });
    this.#answer(() => user.onGet(tag, this.#result(request)));
  }

  put(request: PutRequest, user: PutUser, tag: number): void {
    this.asked.push(`${request.kind} ${textOf(request.key)}`);
    this.puts.push({ ...request });
    // Writes take effect in the order in which they come, as with a coordinator; only the answers do not.
    const written = this.answering === "frozen" ? null : this.#write(request);
    this.#answer(() => user.onPut(tag, written ?? this.#write(request)));
  }

  /** It knows no proposals: conditional writes are tested at real members. */
  conditional(request: ConditionalRequest, user: ConditionalUser, tag: number): void {
    this.asked.push(`conditional ${request.condition} ${request.change} ${textOf(request.key)}`);
    const { code, text } = this.failures.get("*") ?? { code: "QUORUM", text: "" };
    this.#answer(() =>
      user.onConditional(tag, { code, text, existed: false, bytes: null, read: null, receipt: null }),
    );
  }

  explain(_namespace: number, key: Bytes, _timeoutMs: number, user: ExplainUser, tag: number): void {
    const slot = slotOf(key);
    const partition = partitionOfSlot(slot, this.topology.preferenceLists.length);
    const homes = this.topology.preferenceLists[partition]?.homes ?? [];
    const versions = this.#records.get(textOf(key)) ?? [];
    const views = homes.map((member) =>
      this.reachable(member)
        ? { member, code: "OK" as const, versions, context: versions.map(({ dot }) => dot), acceptor: null }
        : { member, code: "QUORUM" as const, versions: [], context: [], acceptor: null },
    );
    const coordinator = homes.find((home) => this.reachable(home)) ?? 0;
    const explanation = {
      slot,
      partition,
      homes,
      fallbacks: [],
      coordinator,
      epoch: this.topology.epoch,
      views,
    };
    this.#answer(() => user.onExplained(tag, { ...explanation, equal: this.unreachable.size === 0 }));
  }

  count(_namespace: number, _timeoutMs: number, user: CountUser, tag: number): void {
    const failure = this.failures.get("*");
    const live = [...this.#records.values()].filter((versions) =>
      versions.some((each) => this.#isLive(each)),
    );
    this.asked.push("count");
    this.#answer(() => user.onCounted(tag, failure?.code ?? "OK", failure === undefined ? live.length : 0));
  }

  /** By slot, then by name; the cursor of a key counts those before it in its slot. */
  scan({ cursor, slotEnd, count }: ScanRequest, user: ScanUser, tag: number): void {
    this.asked.push(`scan ${cursor} count ${count}`);
    const failure = this.failures.get("*");
    const live = [...this.#records].filter(([, versions]) => versions.some((each) => this.#isLive(each)));
    const perSlot = new Map<number, number>();
    const places = live
      .map(([name]) => name)
      .toSorted()
      .map((name) => {
        const slot = slotOf(Buffer.from(name, "latin1"));
        const before = perSlot.get(slot) ?? 0;
        perSlot.set(slot, before + 1);
        return { key: Buffer.from(name, "latin1"), at: slotCursor(slot) + before };
      })
      .filter(({ at }) => at >= cursor && at < slotCursor(slotEnd))
      .toSorted((a, b) => a.at - b.at);
    const keys = places.slice(0, count).map(({ key }) => key);
    const next = places[count]?.at ?? 0;
    const none = { code: failure?.code ?? "OK", text: failure?.text ?? "", keys: [], cursor: 0 };
    this.#answer(() => user.onScanned(tag, failure === undefined ? { ...none, keys, cursor: next } : none));
  }

  conflicts(request: ConflictsRequest, user: ConflictsUser, tag: number): void {
    const { namespace, key, count, below } = request;
    this.asked.push(
      `conflicts ${namespace} ${key === null ? "*" : textOf(key)} ${count} ${below?.instant ?? "-"}`,
    );
    this.#answer(() => user.onConflicts(tag, this.conflictsPage));
  }

  adjustBudget(operations: number, bytes: number): void {
    this.budgetMax = { operations, bytes };
  }

  verify(request: VerifyRequest, user: VerifyUser, tag: number): void {
    const from = request.from === null ? "-" : Buffer.from(request.from).toString("hex");
    this.asked.push(`verify ${request.namespace} ${from}`);
    this.#answer(() => user.onVerified(tag, this.verifyPage));
  }

  partitions(first: number, count: number): PartitionStatus[] {
    const proofs = [
      { peer: 2, ageMs: 1_000 },
      { peer: 3, ageMs: null },
    ];
    const size = { slots: 1_024, slotsKnown: 1_000, keys: 10, bytes: 1_000 };
    return this.topology.preferenceLists.slice(first, first + count).map(({ homes }, i) => {
      return { partition: first + i, homes, ...size, proofs };
    });
  }

  nowMs(): number {
    return this.now;
  }

  reachable(member: MemberId): boolean {
    return !this.unreachable.has(member);
  }

  status(): MemberStatus {
    return {
      id: this.id,
      name: `member-${this.id}`,
      state: "serving",
      cluster: this.topology.cluster,
      epoch: this.topology.epoch,
      topologyDigest: "00".repeat(16),
      peers: [],
      storage: { journalBytes: 0, journalSegments: 1, queuedAppends: 0, rounds: 0, syncs: 0, engineLag: 0 },
      clock: { nowMs: this.now, driftRefusals: 0, suspended: false },
      counters: {
        gets: this.gets.length,
        puts: this.puts.length,
        deletes: 0,
        conditionals: 0,
        failures: {},
        forwarded: 0,
        secondRounds: 0,
        divergentReads: 0,
        readRepairs: 0,
        readRepairsFailed: 0,
        readRepairsSkipped: 0,
        damagedRecords: 0,
      },
      caches: { entries: this.#records.size, valueBytes: 0, hits: 0, misses: 0 },
      upkeep: { slotsUnknown: 3, exchangeEveryMs: 10_000, exchanges: [TEST_EXCHANGE], hints: [TEST_HINTS] },
      budget: {
        operationsRate: 200,
        operationsRateMax: this.budgetMax.operations,
        bytesRate: 1_000,
        bytesRateMax: this.budgetMax.bytes,
        foregroundTailMs: 0,
        halvings: 0,
        waiting: NO_CLAIMS,
        operations: NO_CLAIMS,
        bytes: NO_CLAIMS,
      },
      hints: {
        references: 0,
        copies: 0,
        bytes: 0,
        oldestMs: 0,
        noted: 0,
        delivered: 0,
        dropped: 0,
        refused: 0,
      },
      scrub: {
        slot: 0,
        passEndedMs: 0,
        passes: 0,
        keys: 0,
        bytes: 0,
        damaged: 0,
        open: 0,
        unreadable: 0,
      },
      conflicts: { counted: true, entries: 0, bytes: 0, oldestMs: 0, noted: 0, overflowed: 0 },
      inFlight: { operations: this.#held.length, pendingAppends: 0, pendingBytes: 0, waitingReads: 0 },
    };
  }

  /** How many answers wait for `release`. */
  get held(): number {
    return this.#held.length;
  }

  /** Gives the answer that waits at this place. */
  release(index = 0): void {
    const [answer] = this.#held.splice(index, 1);
    answer?.();
  }

  /** Puts a version beside those that are there, as if it had been written on the other side of a partition. */
  addSibling(key: string, value: string): void {
    const versions = this.#records.get(key) ?? [];
    this.#records.set(key, [this.#version("value", Buffer.from(value), 0), ...versions]);
  }

  /** Another client's SET. */
  overwriteBeside(key: string, value: string): void {
    this.#records.set(key, [this.#version("value", Buffer.from(value), 0)]);
  }

  /** Another client's DEL. */
  deleteBeside(key: string): void {
    this.#records.set(key, [this.#version("tombstone", EMPTY_BYTES, 0)]);
  }

  valueOf(key: string): string | null {
    const version = this.#records.get(key)?.find((each) => this.#isLive(each));
    return version === undefined ? null : textOf(version.value);
  }

  #answer(answer: () => void): void {
    if (this.answering === "inside") answer();
    else if (this.answering === "later") setImmediate(answer);
    else this.#held.push(answer);
  }

  #failure(key: Bytes): Failure | null {
    return this.failures.get("*") ?? this.failures.get(textOf(key)) ?? null;
  }

  #result(request: GetRequest): GetResult {
    const failure = this.#failure(request.key);
    const key = recordKey(request);
    const versions = [...(this.#records.get(key) ?? [])];
    const homes = this.topology.preferenceLists[0]?.homes ?? [];
    const r = request.r === QUORUM ? 2 : request.r < 0 ? homes.length : request.r;
    return {
      code: failure?.code ?? "OK",
      text: failure?.text ?? "",
      r,
      answered: homes.slice(0, r),
      epoch: this.topology.epoch,
      nowMs: this.now,
      newestLive: () => versions.find((each) => this.#isLive(each)) ?? null,
      versions: () => versions,
      token: () => {
        const token = `token-${key}-${versions.length}`;
        this.#seen.set(token, new Set(versions.map(({ dot }) => dot.clock)));
        return token;
      },
    };
  }

  #write(request: PutRequest): PutResult {
    const failure = this.#failure(request.key);
    const key = recordKey(request);
    const before = this.#records.get(key) ?? [];
    const existed = before.some((each) => this.#isLive(each));
    if (failure !== null) return { ...failure, existed: false, receipt: null };
    const seen = request.context === null ? null : (this.#seen.get(request.context) ?? null);
    const unseen = seen === null ? [] : before.filter(({ dot }) => !seen.has(dot.clock));
    if (request.onlyIfSeen && unseen.length > 0)
      return { code: "CONFLICT", text: "", existed: false, receipt: null };
    if (request.kind === "delete" && before.length === 0)
      return { code: "OK", text: "", existed, receipt: null };
    const kind = request.kind === "delete" ? "tombstone" : "value";
    const version = this.#version(kind, request.value, request.expiryMs);
    this.#records.set(key, [version, ...unseen]);
    if (!request.wantReceipt) return { code: "OK", text: "", existed, receipt: null };
    const homes = this.topology.preferenceLists[0]?.homes ?? [];
    const w = request.w === QUORUM ? 2 : request.w < 0 ? homes.length : request.w;
    const receipt = {
      dot: version.dot,
      token: `token-${key}-1`,
      coordinator: this.id,
      w,
      homes: homes.slice(0, w),
      fsynced: request.durability === "fsync" ? w : 0,
      fallbacks: [],
      zones: ["zone-a", "zone-b"],
      regions: ["region"],
      epoch: this.topology.epoch,
    };
    return { code: "OK", text: "", existed, receipt };
  }

  #version(kind: "value" | "tombstone", value: Bytes, expiryMs: number): Version {
    const dot: Dot = { member: this.id, start: 1, clock: ++this.#clock };
    return { dot, kind, expiryMs, value: kind === "value" ? value : EMPTY_BYTES };
  }

  #isLive({ kind, expiryMs }: Version): boolean {
    return kind === "value" && (expiryMs === 0 || expiryMs > this.now);
  }
}

/** The key itself in the first namespace. */
function recordKey({ namespace, key }: GetRequest | PutRequest): string {
  return namespace === 1 ? textOf(key) : `${namespace}/${textOf(key)}`;
}

function textOf(bytes: Bytes): string {
  return Buffer.from(bytes).toString("latin1");
}

export function testMember(id: MemberId, host = "127.0.0.1", port = 7400 + id): MemberInfo {
  return {
    id,
    name: `member-${id}`,
    host: `host-${id}`,
    zone: `zone-${id}`,
    region: "region",
    weight: 100,
    peer: { host, port: port + 200 },
    resp: { host, port },
    http: { host, port: port + 100 },
  };
}

/** 16 partitions, their first homes in turn, everybody a home of everything. */
function testTopology(members: readonly MemberInfo[]): Topology {
  const ids = members.map(({ id }) => id);
  return {
    cluster: "test",
    epoch: 1,
    members,
    namespaces: [{ id: 1, name: "default", policy: "siblings", n: 3 }],
    replicas: Math.min(3, ids.length),
    preferenceLists: Array.from({ length: 16 }, (_, partition) => ({
      homes: ids.map((_id, i) => ids[(partition + i) % ids.length] ?? 0).slice(0, 3),
      fallbacks: [],
    })),
    digest: new Uint8Array(16),
  };
}
