/**
 * A cluster of real members in one process, for directed tests: a clock that is moved by hand, links that deliver when
 * pumped and can be cut, and a storage whose appends complete when pumped and can be held back or lost. The simulator
 * has faults from a seed; here a test says exactly what happens.
 */
import type { Bytes } from "../base/bytes.ts";
import { Prng } from "../base/prng.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { DEFAULT_LIMITS, type Limits } from "../config/limits.ts";
import type { ConflictsPage, ConflictsRequest } from "../coordinator/conflicts.ts";
import type {
  Explanation,
  GetRequest,
  GetResult,
  PutRequest,
  PutResult,
  ReadRepair,
} from "../coordinator/request.ts";
import type { MemberId } from "../model/member.ts";
import type { ConflictPolicy } from "../model/namespace.ts";
import type { Topology } from "../model/topology.ts";
import type { Events } from "../ports/events.ts";
import type { Lane, LinkId, LinkWriter, Transport } from "../ports/transport.ts";
import { QUORUM } from "../quorum/needed.ts";
import { HeldStorage } from "../storage/held-storage.fixture.ts";
import { formTopology } from "../ring/form-topology.ts";
import { bootMember } from "./boot.ts";
import type { Member } from "./member.ts";

class GrowingWriter implements LinkWriter {
  bytes = new Uint8Array(1024);
  view = new DataView(this.bytes.buffer);
  end = 0;

  ensure(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.end + count));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  take(): Bytes {
    const bytes = this.bytes.slice(0, this.end);
    this.end = 0;
    return bytes;
  }
}

interface End {
  readonly link: LinkId;
  readonly owner: TestMember;
  readonly writer: GrowingWriter;
  readonly lane: Lane;
  other: End | null;
}

export class TestMember {
  readonly id: MemberId;
  readonly storage = new HeldStorage();
  readonly fatals: string[] = [];
  readonly notices: string[] = [];
  readonly cluster: TestCluster;
  readonly ends = new Map<LinkId, End>();
  alarmMs = Infinity;
  wallOffsetMs = 0;
  freeBytes = Infinity;
  /** While set, there is no room on its bulk links. */
  fullBulk = false;
  member: Member | null = null;
  #boots = 0;

  constructor(id: MemberId, cluster: TestCluster) {
    this.id = id;
    this.cluster = cluster;
  }

  boot(): void {
    const { cluster } = this;
    const events: Events = {
      event: (_level, name) => this.notices.push(name),
      fatal: (code) => this.fatals.push(code),
    };
    const parts = {
      self: this.id,
      topology: cluster.topology,
      limits: cluster.limits,
      clock: {
        wallMs: () => cluster.nowMs + 1_700_000_000_000 + this.wallOffsetMs,
        monoMs: () => cluster.nowMs,
      },
      alarm: { wakeAt: (monoMs: number) => (this.alarmMs = monoMs) },
      random: new Prng(this.id + 100 * this.#boots++),
      storage: this.storage,
      transport: cluster.transportOf(this),
      events,
      freeDiskBytes: () => this.freeBytes,
    };
    bootMember(parts, {
      onBooted: (member) => {
        this.member = member;
        member.start();
      },
    });
  }

  /** As kill -9: what was not completed is lost, and the operating system keeps the rest. */
  kill(): void {
    this.storage.keepUnsynced();
    this.crash();
  }

  /** As kill -9, with the power: what was not completed is lost, and what was not synced. */
  crash(): void {
    this.member = null;
    this.alarmMs = Infinity;
    this.storage.lose();
    for (const link of Array.from(this.ends.keys())) this.cluster.cutLink(this, link);
  }
}

/** What an answer came to; filled in while the cluster is pumped. */
export interface Answer<T> {
  result: T | null;
}

export class TestCluster {
  readonly topology: Topology;
  readonly limits: Limits;
  readonly members: TestMember[];
  readonly #cuts = new Set<string>();
  nowMs = 1_000;
  #links = 0;

  constructor(count: number, limits: Partial<Limits> = {}, policy: ConflictPolicy = "siblings") {
    // Tests say what homes have missed, and nobody is to mend that unless they ask for it.
    this.limits = { ...DEFAULT_LIMITS, exchangeEveryMs: 1e9, hintsMax: 0, scrubPassMs: 0, ...limits };
    const formed = formTopology({
      cluster: "test",
      members: Array.from({ length: count }, (_, i) => ({
        id: i + 1,
        name: `member-${i + 1}`,
        host: `host-${i + 1}`,
        zone: `zone-${i + 1}`,
        region: "local",
        weight: 1,
        peer: { host: "127.0.0.1", port: 7601 + i },
        resp: { host: "127.0.0.1", port: 7401 + i },
        http: { host: "127.0.0.1", port: 7501 + i },
      })),
      namespaces: [{ name: "default", policy, n: 3 }],
      partitions: 16,
      fallbacksMax: limits.fallbacksMax ?? 0,
    });
    if (!formed.ok) throw new Error(formed.problems.join("; "));
    this.topology = formed.topology;
    this.members = Array.from({ length: count }, (_, i) => new TestMember(i + 1, this));
    for (const member of this.members) member.boot();
    this.run(500);
  }

  at(id: MemberId): TestMember {
    const member = this.members[id - 1];
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }

  /** Cuts two members from each other; nothing is dialled between them until `heal`. */
  cut(a: MemberId, b: MemberId): void {
    this.#cuts.add(pair(a, b));
    for (const end of Array.from(this.at(a).ends.values())) {
      if (end.other?.owner.id === b) this.cutLink(this.at(a), end.link);
    }
  }

  heal(): void {
    this.#cuts.clear();
  }

  /** Delivers and completes everything there is to deliver and complete, without time passing. */
  pump(): void {
    for (let busy = true; busy;) {
      busy = false;
      for (const member of this.members) {
        busy = member.storage.pump() || busy;
        // Frames are closed at the end of a turn, and go out before anything else happens.
        member.member?.onTurnEnd();
        const sent = [...member.ends.values()].map((end) => ({ end, bytes: end.writer.take() }));
        for (const { end, bytes } of sent) {
          if (bytes.length === 0) continue;
          busy = true;
          end.other?.owner.member?.onLinkBytes(end.other.link, bytes);
        }
      }
    }
  }

  /** Lets time pass, in steps of 10 ms. */
  run(forMs: number): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs;) {
      this.pump();
      this.nowMs += 10;
      for (const member of this.members) {
        if (member.alarmMs > this.nowMs) continue;
        member.alarmMs = Infinity;
        member.member?.onAlarm();
      }
    }
    this.pump();
  }

  transportOf(owner: TestMember): Transport {
    return {
      dial: (peer, lane) => this.#dial(owner, peer, lane),
      writer: (link) => {
        const end = owner.ends.get(link);
        return end === undefined || (owner.fullBulk && end.lane === "bulk") ? null : end.writer;
      },
      close: (link) => {
        this.pumpLink(owner, link);
        this.cutLink(owner, link);
      },
    };
  }

  /** What one member has to send, to one other or to all, is delivered; nobody else's is. */
  sendFrom(id: MemberId, to: MemberId = 0): void {
    const owner = this.at(id);
    owner.member?.onTurnEnd();
    for (const [link, end] of Array.from(owner.ends))
      if (to === 0 || end.other?.owner.id === to) this.pumpLink(owner, link);
  }

  pumpLink(owner: TestMember, link: LinkId): void {
    const end = owner.ends.get(link);
    if (end === undefined || end.writer.end === 0) return;
    const bytes = end.writer.take();
    end.other?.owner.member?.onLinkBytes(end.other.link, bytes);
  }

  cutLink(owner: TestMember, link: LinkId): void {
    const end = owner.ends.get(link);
    if (end === undefined) return;
    for (const side of [end, end.other]) {
      if (side === null || !side.owner.ends.delete(side.link)) continue;
      side.owner.member?.onLinkDown(side.link, "the link was cut");
    }
  }

  put(at: MemberId, key: string, value: string, options: Partial<PutRequest> = {}): Answer<PutResult> {
    const answer: Answer<PutResult> = { result: null };
    const request: PutRequest = {
      kind: "put",
      namespace: 1,
      key: latin1Encode(key),
      value: latin1Encode(value),
      context: null,
      onlyIfSeen: false,
      expiryMs: 0,
      w: QUORUM,
      durability: "fsync",
      fallbacks: "deny",
      timeoutMs: 1_000,
      wantReceipt: true,
      ...options,
    };
    this.at(at).member?.put(request, { onPut: (_tag, result) => (answer.result = result) }, 0);
    return answer;
  }

  /** Puts and waits. */
  set(at: MemberId, key: string, value: string, options: Partial<PutRequest> = {}): PutResult {
    return this.#await(this.put(at, key, value, options));
  }

  remove(at: MemberId, key: string, options: Partial<PutRequest> = {}): PutResult {
    return this.set(at, key, "", { kind: "delete", ...options });
  }

  /** Begins a read of whole records. Homes that are found behind stay so, unless a repair is asked for. */
  read(at: MemberId, key: string, r: number, repair: ReadRepair): Answer<GetResult> {
    return this.#read(at, { key: latin1Encode(key), r, headOnly: false, repair });
  }

  get(at: MemberId, key: string, r = QUORUM, headOnly = false): GetResult {
    return this.#await(this.#read(at, { key: latin1Encode(key), r, headOnly, repair: "none" }));
  }

  explain(at: MemberId, key: string): Explanation {
    const answer: Answer<Explanation> = { result: null };
    const user = { onExplained: (_tag: number, explanation: Explanation) => (answer.result = explanation) };
    this.at(at).member?.explain(1, latin1Encode(key), 1_000, user, 0);
    return this.#await(answer);
  }

  conflicts(at: MemberId, request: Partial<ConflictsRequest> = {}): ConflictsPage {
    const answer: Answer<ConflictsPage> = { result: null };
    const all = { namespace: 0, key: null, count: 100, below: null, timeoutMs: 1_000, ...request };
    this.at(at).member?.conflicts(all, { onConflicts: (_tag, page) => (answer.result = page) }, 0);
    return this.#await(answer);
  }

  /** The live values at a quorum, sorted. */
  values(at: MemberId, key: string, r = QUORUM): string[] {
    const result = this.get(at, key, r);
    if (result.code !== "OK") throw new Error(`${result.code} ${result.text}`);
    const live = result.versions().filter(({ kind }) => kind === "value");
    return live.map(({ value }) => latin1Decode(value)).toSorted();
  }

  #read(at: MemberId, request: Omit<GetRequest, "namespace" | "timeoutMs">): Answer<GetResult> {
    const answer: Answer<GetResult> = { result: null };
    const user = { onGet: (_tag: number, result: GetResult) => (answer.result = result) };
    this.at(at).member?.get({ namespace: 1, timeoutMs: 1_000, ...request }, user, 0);
    return answer;
  }

  #await<T>(answer: Answer<T>): T {
    this.pump();
    for (let waitedMs = 0; answer.result === null && waitedMs < 5_000; waitedMs += 10) this.run(10);
    if (answer.result === null) throw new Error("no answer within five seconds");
    return answer.result;
  }

  #dial(owner: TestMember, peer: MemberId, lane: Lane): void {
    const other = this.at(peer);
    if (other.member === null || this.#cuts.has(pair(owner.id, peer))) {
      owner.member?.onDialFailed(peer, lane, "connection refused");
      return;
    }
    const near: End = { link: ++this.#links, owner, writer: new GrowingWriter(), lane, other: null };
    const far: End = { link: ++this.#links, owner: other, writer: new GrowingWriter(), lane, other: near };
    near.other = far;
    owner.ends.set(near.link, near);
    other.ends.set(far.link, far);
    owner.member?.onLinkUp(near.link, peer, lane);
    other.member.onLinkUp(far.link, 0, null);
  }
}

function pair(a: MemberId, b: MemberId): string {
  return a < b ? `${a}:${b}` : `${b}:${a}`;
}

/** A key whose first home (and second, if given) is this member. */
export function keyAt(cluster: TestCluster, first: MemberId, second: MemberId = 0): string {
  for (let i = 0; ; i++) {
    const { homes } = cluster.explain(1, `key-${i}`);
    if (homes[0] === first && (second === 0 || homes[1] === second)) return `key-${i}`;
  }
}
