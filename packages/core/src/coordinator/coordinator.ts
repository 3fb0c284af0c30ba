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
import { encodeConflictsPage } from "../wire/encode-conflicts.ts";
import { encodeCounted } from "../wire/encode.ts";
import type { ConflictQuery, ForwardedConditional } from "../wire/messages.ts";
import type { ConditionalRequest, ConditionalUser } from "./conditional.ts";
import { Conditionals } from "./conditionals.ts";
import type { ConflictsRequest, ConflictsUser } from "./conflicts.ts";
import { ConflictsOperation } from "./conflicts-operation.ts";
import { CountOperation } from "./count-operation.ts";
import { ExplainOperation } from "./explain-operation.ts";
import { ForwardWrite } from "./forward-operation.ts";
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
import { NO_HOMES, PAUSED, type Refusal, RequestChecks } from "./request-checks.ts";
import { ScanOperation } from "./scan-operation.ts";
import { ConditionalPut, SerialGet, conditionalPut, serialRead } from "./strong.ts";
import type { VerifyRequest, VerifyUser } from "./verify.ts";
import { VerifyOperation } from "./verify-operation.ts";
import type { WriteUser } from "./write-end.ts";
import { LocalWriteUser, RemoteWriteUser } from "./write-result.ts";

export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #counts: CountServer;
  readonly #checks: RequestChecks;
  readonly #conditionals: Conditionals;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#counts = new CountServer(parts);
    this.#checks = new RequestChecks(parts);
    this.#conditionals = new Conditionals(parts, this.#checks);
  }

  get(request: GetRequest, user: GetUser, tag: number): void {
    const parts = this.#parts;
    parts.counters.gets++;
    if (request.plain !== true && parts.placement.policyOf(request.namespace) === "strong") {
      this.#conditionals.begin(
        serialRead(request),
        new SerialGet(user, (refusal) => this.#failedGet(refusal)),
        tag,
      );
      return;
    }
    const refusal =
      this.#checks.refusal(request.namespace, request.key, EMPTY_BYTES) ?? this.#checks.overload();
    const place = refusal === null ? this.#checks.place(request.namespace, request.key) : null;
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
    if (this.#parts.placement.policyOf(request.namespace) === "strong")
      this.#conditionals.begin(conditionalPut(request), new ConditionalPut(user), tag);
    else this.#write(request, new LocalWriteUser(this.#parts, request, user, tag), true);
  }

  /** A write that a peer forwarded: this member coordinates it itself, or refuses. Bytes are lent. */
  onWrite(peer: MemberId, id: number, deadline: number, request: PutRequest): void {
    const timeoutMs = this.#checks.timeLeftMs(deadline);
    if (timeoutMs <= 0) {
      refuse(new RemoteWriteUser(this.#parts, peer, id), PAUSED);
      return;
    }
    const { key, value } = request;
    const kept = { ...request, key: copyBytes(key), value: transientCopy(value), timeoutMs };
    this.#write(kept, new RemoteWriteUser(this.#parts, peer, id), false);
  }

  conditional(request: ConditionalRequest, user: ConditionalUser, tag: number): void {
    this.#conditionals.begin(request, user, tag);
  }

  onConditional(peer: MemberId, id: number, deadline: number, request: ForwardedConditional): void {
    this.#conditionals.onForwarded(peer, id, deadline, request);
  }

  explain(namespace: NamespaceId, key: Bytes, timeoutMs: number, user: ExplainUser, tag: number): void {
    const { topology, peers, self, placement } = this.#parts;
    const place = this.#checks.place(namespace, key);
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
    const refusal = info === null ? "INVALID" : this.#checks.overload()?.code;
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
    const isBusy = scanning.count >= limits.scansMax || this.#checks.overload() !== null;
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
    const isBusy = scanning.count >= limits.scansMax || this.#checks.overload() !== null;
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
    if (ledger.readers < CONFLICT_READERS_MAX && this.#checks.overload() === null) {
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
    const refusal =
      this.#checks.refusal(namespace, key, value) ??
      this.#checks.overload() ??
      this.#checks.expiryRefusal(request);
    const place = refusal === null ? this.#checks.place(namespace, key) : null;
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
      new ForwardWrite(parts, request, candidates, here, user).start();
    } else if (writable !== "OK") refuse(user, { code: writable, text: "" });
    else if (!candidates.includes(parts.self)) refuse(user, { code: "EPOCH", text: "" });
    else here(parts.timers.nowMs() + request.timeoutMs);
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

function selfFirst(members: readonly MemberId[], self: MemberId): readonly MemberId[] {
  return [self, ...members.filter((member) => member !== self)];
}

function refuse(user: WriteUser, refusal: Refusal): void {
  user.onWriteEnd({ ...refusal, existed: false, coordinator: 0, written: null });
}
