/**
 * Takes requests, from faces and from members that forward them, checks them against the limits, finds the homes
 * of their key, and starts the operation that does the rest. It keeps no state of its own but the counts under way.
 */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { transientCopy } from "../base/transient-bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import { homesNeeded } from "../quorum/needed.ts";
import { ConflictPage, type ConflictPageUser } from "../replica/conflict-page.ts";
import { CountServer } from "../replica/count-server.ts";
import type { CounterUser } from "../replica/partition-counter.ts";
import { partitionOfSlot, slotsOfPartition } from "../ring/placement.ts";
import { SLOTS, slotOf } from "../ring/slot.ts";
import { isRecordKey, recordKey, slotOfRecordKey } from "../storage/keyspace.ts";
import { decodeToken } from "../version/context-token.ts";
import { HLC_TICKS } from "../version/hlc.ts";
import { encodeConflictsPage } from "../wire/encode-conflicts.ts";
import { encodeCounted } from "../wire/encode.ts";
import type { ConflictQuery } from "../wire/messages.ts";
import type { ConflictsRequest, ConflictsUser } from "./conflicts.ts";
import { ConflictsOperation } from "./conflicts-operation.ts";
import { CountOperation } from "./count-operation.ts";
import { ExplainOperation } from "./explain-operation.ts";
import { ForwardOperation } from "./forward-operation.ts";
import { GetOperation } from "./get-operation.ts";
import { type CoordinatorParts, countFailure } from "./coordination.ts";
import { PutOperation } from "./put-operation.ts";
import type {
  CountUser,
  ExplainUser,
  GetRequest,
  GetResult,
  GetUser,
  PutRequest,
  PutUser,
  ScanRequest,
  ScanUser,
} from "./request.ts";
import { ScanOperation } from "./scan-operation.ts";
import type { VerifyRequest, VerifyUser } from "./verify.ts";
import { VerifyOperation } from "./verify-operation.ts";
import type { WriteUser } from "./write-end.ts";
import { LocalWriteUser, RemoteWriteUser } from "./write-result.ts";

/** Where a request's key lives. */
interface Place {
  readonly slot: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  readonly storageKey: Bytes;
}

interface Refusal {
  readonly code: OutcomeCode;
  readonly text: string;
}

export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #counts: CountServer;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#counts = new CountServer(parts);
  }

  get(request: GetRequest, user: GetUser, tag: number): void {
    const parts = this.#parts;
    parts.counters.gets++;
    const refusal = this.#refusal(request.namespace, request.key, EMPTY_BYTES) ?? this.#overload();
    const place = refusal === null ? this.#place(request.namespace, request.key) : null;
    if (place === null) {
      countFailure(parts.counters, refusal?.code ?? NO_HOMES.code);
      user.onGet(tag, this.#failedGet(refusal ?? NO_HOMES));
      return;
    }
    const r = homesNeeded(request.r, place.homes.length);
    new GetOperation(parts, request, place.storageKey, place.homes, r, user, tag).start();
  }

  put(request: PutRequest, user: PutUser, tag: number): void {
    const { counters } = this.#parts;
    if (request.kind === "put") counters.puts++;
    else counters.deletes++;
    this.#write(request, new LocalWriteUser(this.#parts, request, user, tag), true);
  }

  /** A write that a peer forwarded: this member coordinates it itself, or refuses. Bytes are lent. */
  onWrite(peer: MemberId, id: number, deadline: number, request: PutRequest): void {
    const leftMs = (deadline - this.#parts.clock.reading()) / HLC_TICKS - this.#parts.lateMs();
    // Nobody waits for it any more, and its author may have moved on: applied now it could undo what came later.
    if (leftMs <= 0) {
      const text = "this member was paused and cannot tell how old the request is; nothing was written";
      refuse(new RemoteWriteUser(this.#parts, peer, id), { code: "OVERLOADED", text });
      return;
    }
    const { key, value } = request;
    const timeoutMs = Math.min(leftMs, this.#parts.limits.timeoutMsMax);
    const kept = { ...request, key: copyBytes(key), value: transientCopy(value), timeoutMs };
    this.#write(kept, new RemoteWriteUser(this.#parts, peer, id), false);
  }

  explain(namespace: NamespaceId, key: Bytes, timeoutMs: number, user: ExplainUser, tag: number): void {
    const { topology, peers, self, placement } = this.#parts;
    const place = this.#place(namespace, key);
    const slot = place?.slot ?? slotOf(key);
    const homes = place?.homes ?? [];
    const coordinator = homes.find((home) => home === self || peers.reachable(home)) ?? 0;
    const partition = partitionOfSlot(slot, topology.preferenceLists.length);
    const fallbacks = placement.fallbacksOf(slot);
    const keyPlace = { slot, partition, homes, fallbacks, coordinator };
    const storageKey = place?.storageKey ?? EMPTY_BYTES;
    new ExplainOperation(this.#parts, keyPlace, storageKey, timeoutMs, user, tag).start();
  }

  count(namespace: NamespaceId, timeoutMs: number, user: CountUser, tag: number): void {
    const info = this.#parts.placement.namespace(namespace);
    const refusal = info === null ? "INVALID" : this.#overload()?.code;
    if (info !== null && refusal === undefined) {
      new CountOperation(this.#parts, this.#counts, { namespace, n: info.n, timeoutMs }, user, tag).start();
      return;
    }
    const code = refusal ?? "INVALID";
    countFailure(this.#parts.counters, code);
    user.onCounted(tag, code, 0);
  }

  onCount(
    peer: MemberId,
    id: number,
    deadline: number,
    namespace: NamespaceId,
    partitions: readonly number[],
  ): void {
    const { topology, clock, counters, peers } = this.#parts;
    if (clock.reading() > deadline) return;
    const known = partitions.filter((partition) => partition < topology.preferenceLists.length);
    const ranges = known.map((partition) => slotsOfPartition(partition, topology.preferenceLists.length));
    const session = peers.session(peer);
    const user: CounterUser = {
      isWanted: () => peers.session(peer) === session,
      onCountEnd(code, keys): void {
        const writer = user.isWanted() ? peers.writer(peer, "foreground") : null;
        if (writer !== null) encodeCounted(writer, id, OUTCOMES[code].wire, keys);
      },
    };
    const refusal = this.#counts.count(namespace, deadline, ranges, user);
    if (refusal === "OK") return;
    countFailure(counters, refusal);
    user.onCountEnd(refusal, 0);
  }

  scan(request: ScanRequest, user: ScanUser, tag: number): void {
    const { limits, scanning } = this.#parts;
    const info = this.#parts.placement.namespace(request.namespace);
    const isBusy = scanning.count >= limits.scansMax || this.#overload() !== null;
    if (info !== null && !isBusy) {
      new ScanOperation(this.#parts, request, info.n, user, tag).start();
      return;
    }
    const code: OutcomeCode = info === null ? "INVALID" : "OVERLOADED";
    countFailure(this.#parts.counters, code);
    const text = info === null ? "there is no such namespace" : "";
    user.onScanned(tag, { code, text, keys: [], cursor: 0 });
  }

  verify(request: VerifyRequest, user: VerifyUser, tag: number): void {
    const { limits, scanning, counters, placement } = this.#parts;
    const info = placement.namespace(request.namespace);
    const isBusy = scanning.count >= limits.scansMax || this.#overload() !== null;
    const isKnown = info !== null && (request.from === null || isPlace(request.from, limits.keyBytesMax));
    if (isKnown && !isBusy) {
      new VerifyOperation(this.#parts, request, info.n, user, tag).start();
      return;
    }
    const code: OutcomeCode = isKnown ? "OVERLOADED" : "INVALID";
    countFailure(counters, code);
    user.onVerified(tag, { ...NOTHING_VERIFIED, code, next: request.from });
  }

  conflicts(request: ConflictsRequest, user: ConflictsUser, tag: number): void {
    const { counters, ledger } = this.#parts;
    if (ledger.readers < CONFLICT_READERS_MAX && this.#overload() === null) {
      new ConflictsOperation(this.#parts, request, user, tag).start();
      return;
    }
    countFailure(counters, "OVERLOADED");
    user.onConflicts(tag, { code: "OVERLOADED", entries: [], unasked: [], next: null });
  }

  /** A peer asks for a page of this member's own conflict ledger. */
  onConflicts(peer: MemberId, id: number, deadline: number, query: ConflictQuery): void {
    const { clock, ledger, limits, peers } = this.#parts;
    if (clock.reading() > deadline) return;
    const session = peers.session(peer);
    const sendNone = (): void => {
      const writer = peers.session(peer) === session ? peers.writer(peer, "foreground") : null;
      if (writer !== null) encodeConflictsPage(writer, id, OUTCOMES.OVERLOADED.wire, [], null);
    };
    if (ledger.readers >= CONFLICT_READERS_MAX) {
      sendNone();
      return;
    }
    const user: ConflictPageUser = {
      onConflictPage(rows, through): void {
        const bytes = rows.reduce((sum, { row }) => sum + row.length, 0);
        const lane = bytes < limits.bulkBytesMin ? "foreground" : "bulk";
        const writer = peers.session(peer) === session ? peers.writer(peer, lane) : null;
        if (writer === null) sendNone();
        else encodeConflictsPage(writer, id, OUTCOMES.OK.wire, rows, through);
      },
    };
    const key = query.key === null ? null : copyBytes(query.key);
    new ConflictPage(this.#parts, { ...query, key }, user).start();
  }

  #write(request: PutRequest, user: WriteUser, mayForward: boolean): void {
    const parts = this.#parts;
    const { namespace, key, value } = request;
    const refusal = this.#refusal(namespace, key, value) ?? this.#overload() ?? this.#expiryRefusal(request);
    const place = refusal === null ? this.#place(namespace, key) : null;
    if (place === null) {
      refuse(user, refusal ?? NO_HOMES);
      return;
    }
    const scope = { cluster: parts.clusterHash, namespace };
    const context = request.context === null ? null : decodeToken(scope, key, request.context);
    if (request.context !== null && context === null) {
      refuse(user, { code: "BADCONTEXT", text: "" });
      return;
    }
    const { homes } = place;
    const w = homesNeeded(request.w, homes.length);
    const fallbacks = request.fallbacks === "allow" ? place.fallbacks : [];
    // What is to be compared with what is held is decided by a home: a fallback holds nothing but what it stands in for.
    const candidates = request.onlyIfSeen ? homes : [...homes, ...fallbacks];
    const here = (deadlineMs: number): void => {
      const standIns = homes.includes(parts.self) ? fallbacks : selfFirst(fallbacks, parts.self);
      const where = { storageKey: place.storageKey, homes, fallbacks: standIns, w };
      new PutOperation(parts, request, context, where, deadlineMs, user).start();
    };
    const writable = parts.writable();
    if (mayForward && (homes[0] !== parts.self || writable !== "OK")) {
      new ForwardOperation(parts, request, candidates, here, user).start();
    } else if (writable !== "OK") refuse(user, { code: writable, text: "" });
    else if (!candidates.includes(parts.self)) refuse(user, { code: "EPOCH", text: "" });
    else here(parts.timers.nowMs() + request.timeoutMs);
  }

  #place(namespace: NamespaceId, key: Bytes): Place | null {
    const slot = slotOf(key);
    const homes = this.#parts.placement.homesOf(namespace, slot);
    if (homes.length === 0) return null;
    const fallbacks = this.#parts.placement.fallbacksOf(slot);
    return { slot, homes, fallbacks, storageKey: recordKey(slot, namespace, key) };
  }

  #refusal(namespace: NamespaceId, key: Bytes, value: Bytes): Refusal | null {
    const { limits } = this.#parts;
    if (this.#parts.placement.namespace(namespace) === null)
      return { code: "INVALID", text: "there is no such namespace" };
    if (key.length > limits.keyBytesMax) {
      return {
        code: "TOOLARGE",
        text: `the key is ${key.length} bytes, the limit is ${limits.keyBytesMax} (keyBytesMax)`,
      };
    }
    if (value.length > limits.valueBytesMax) {
      const text = `the value is ${value.length} bytes, the limit is ${limits.valueBytesMax} (valueBytesMax)`;
      return { code: "TOOLARGE", text };
    }
    return null;
  }

  #expiryRefusal(request: PutRequest): Refusal | null {
    const { limits, clock } = this.#parts;
    if (request.expiryMs <= clock.nowMs() + limits.ttlMsMax) return null;
    return {
      code: "INVALID",
      text: `the time to live is beyond the limit of ${limits.ttlMsMax} ms (ttlMsMax)`,
    };
  }

  #overload(): Refusal | null {
    const { operations, store, limits } = this.#parts;
    const full = operations.size >= limits.operationsMax || store.waiting >= limits.operationsMax;
    return full ? { code: "OVERLOADED", text: "" } : null;
  }

  #failedGet(refusal: Refusal): GetResult {
    return {
      ...refusal,
      r: 0,
      answered: [],
      epoch: this.#parts.topology.epoch,
      nowMs: this.#parts.clock.nowMs(),
      newestLive: () => null,
      versions: () => [],
      token: () => "",
    };
  }
}

/** Pages of its conflict ledger that a member reads at a time. */
const CONFLICT_READERS_MAX = 64;

const NOTHING_VERIFIED = { keys: 0, compared: 0, different: 0, differences: [], unasked: [] };

/** Whether bytes from a client can be where a walk over storage keys goes on. */
function isPlace(from: Bytes, keyBytesMax: number): boolean {
  // A page ends behind a key: one byte more than the longest.
  const longest = recordKey(0, 0, EMPTY_BYTES).length + keyBytesMax + 1;
  return isRecordKey(from) && from.length <= longest && slotOfRecordKey(from) < SLOTS;
}

const NO_HOMES: Refusal = { code: "QUORUM", text: "this key has no homes" };

function selfFirst(members: readonly MemberId[], self: MemberId): readonly MemberId[] {
  return [self, ...members.filter((member) => member !== self)];
}

function refuse(user: WriteUser, refusal: Refusal): void {
  user.onWriteEnd({ ...refusal, existed: false, coordinator: 0, written: null });
}
