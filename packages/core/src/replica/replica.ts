/**
 * A home's side of reads and writes: it stores what peers replicate to it, merged with what it holds, and serves
 * them what it has committed. It decides nothing about quorums.
 */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import { transientCopy } from "../base/transient-bytes.ts";
import type { Limits } from "../config/limits.ts";
import type { Budget, BudgetWaiter } from "../control/budget.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import type { Durability } from "../ports/storage.ts";
import { SLOTS } from "../ring/slot.ts";
import { hintKey, isRecordKey, slotStart } from "../storage/keyspace.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import type { HybridClock } from "../version/hlc.ts";
import { contextCount, versionCount } from "../version/record-layout.ts";
import { winnerOf } from "../version/last-writer.ts";
import { contextOf, hasLive, headOf, isLiveVersion, isRecord, versionsOf } from "../version/record.ts";
import { hasDot, uncovered } from "../version/reconcile.ts";
import { encodeReadReply, encodeReplicated, encodeScanned } from "../wire/encode.ts";
import type { ConflictLedger } from "./conflict-ledger.ts";
import type { HintKeeper } from "./hint-keeper.ts";
import { type Peers, laneFor } from "./peers.ts";
import { type MergeParts, RecordMerge } from "./record-merge.ts";
import { damageBytes } from "./damage-bytes.ts";
import type { ScanPageUser, ScanServer } from "./scan-server.ts";

export interface ReplicaParts extends MergeParts {
  readonly self: MemberId;
  readonly limits: Limits;
  readonly clock: HybridClock;
  readonly peers: Peers;
  readonly budget: Budget;
  readonly scans: ScanServer;
  readonly ledger: ConflictLedger;
  readonly hints: HintKeeper;
  /** Whether this member is a home of the key of a record, or a fallback that may stand in for that one. */
  readonly isHome: (storageKey: Bytes) => boolean;
  readonly standsInFor: (target: MemberId, storageKey: Bytes) => boolean;
}

/** Where a record that is replicated goes. */
interface Berth extends MergeParts {
  readonly key: Bytes;
}

/** Of deliveries that wait for their turn, so many times those that one peer may have under way. */
const WAITING_DELIVERIES = 8;

export class Replica {
  readonly parts: ReplicaParts;

  constructor(parts: ReplicaParts) {
    this.parts = parts;
  }

  /** `key` and `record` are views that are only lent. */
  onReplicate(
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    key: Bytes,
    record: Bytes,
  ): void {
    const refusal = this.#refusal(key, record, () => this.parts.isHome(key));
    if (refusal !== "OK") this.#refuse(peer, request, refusal);
    else this.#job(peer, request, fsync, overwrite, key, record).start();
  }

  /** To be kept in place of a home; otherwise as `onReplicate`. For this member itself: a hint that is delivered. */
  onHint(
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    target: MemberId,
    key: Bytes,
    record: Bytes,
  ): void {
    const { self, hints, standsInFor, storable } = this.parts;
    if (target === self) {
      this.#onDelivery(peer, request, fsync, overwrite, key, record);
      return;
    }
    const known = this.#refusal(key, record, () => standsInFor(target, key));
    const refusal = known === "OK" ? hints.admits(target, key, record.length) : known;
    if (refusal !== "OK") {
      this.#refuse(peer, request, refusal);
      return;
    }
    const berth = {
      key: hintKey("record", target, key),
      store: hints.copies,
      healer: hints.healer,
      storable,
    };
    const own = copyBytes(key);
    new ReplicateJob(this.parts, peer, request, fsync, overwrite, own, berth, transientCopy(record)).start();
  }

  /** `deadline` is a clock: a read that nobody waits for any more is not begun. */
  onRead(
    peer: MemberId,
    request: number,
    deadline: number,
    headOnly: boolean,
    latest: boolean,
    key: Bytes,
  ): void {
    const { limits, clock, store } = this.parts;
    if (!isRecordKey(key) || clock.reading() > deadline) return;
    const job = new ReadJob(this.parts, peer, request, headOnly, latest);
    if (store.waiting >= limits.operationsMax) {
      job.defer();
      return;
    }
    store.withEntry(copyBytes(key), !headOnly, job, 0, latest);
  }

  /** `from` is only lent. */
  onScan(
    peer: MemberId,
    request: number,
    deadline: number,
    namespace: NamespaceId,
    rows: number,
    slotEnd: number,
    from: Bytes,
  ): void {
    const { clock, scans } = this.parts;
    if (clock.reading() > deadline) return;
    const job = new ScanJob(this.parts, peer, request);
    const isRange = slotEnd <= SLOTS && isRecordKey(from);
    const page = { namespace, from: copyBytes(from), to: slotStart(Math.min(slotEnd, SLOTS)), rows };
    const code = isRange ? scans.read(page, job, 0) : "INVALID";
    if (code !== "OK") job.onScanPage(0, code, EMPTY_BYTES, EMPTY_BYTES);
  }

  /**
   * What this member has missed. Nobody waits for it, and there may be much of it, from everybody at once: so it is
   * merged when it is its turn in this member's own budget, whatever they have to spare who deliver.
   */
  #onDelivery(
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    key: Bytes,
    record: Bytes,
  ): void {
    const { budget, limits } = this.parts;
    const isFull = budget.waiting("hints") >= WAITING_DELIVERIES * limits.hintsInFlightMax;
    const known = this.#refusal(key, record, () => this.parts.isHome(key));
    const refusal = known === "OK" && isFull ? "OVERLOADED" : known;
    if (refusal !== "OK") {
      this.#refuse(peer, request, refusal);
      return;
    }
    budget.request("hints", this.#job(peer, request, fsync, overwrite, key, record));
    budget.charge("hints", key.length + record.length);
  }

  /** Merges a record into what this home holds. */
  #job(
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    key: Bytes,
    record: Bytes,
  ): ReplicateJob {
    const own = copyBytes(key);
    const { store, healer, storable } = this.parts;
    const berth = { key: own, store, healer, storable };
    return new ReplicateJob(this.parts, peer, request, fsync, overwrite, own, berth, transientCopy(record));
  }

  #refusal(key: Bytes, record: Bytes, belongsHere: () => boolean): OutcomeCode {
    const { limits } = this.parts;
    if (!isRecordKey(key) || !isRecord(record)) return "INVALID";
    // What seven coordinators may have added side by side; more was never written by a member.
    if (
      contextCount(record) > 8 * limits.contextEntriesMax ||
      versionCount(record) > 8 * limits.siblingsMax
    ) {
      return "INVALID";
    }
    if (!belongsHere()) return "EPOCH";
    const storable = this.parts.storable();
    if (storable !== "OK") return storable;
    return this.parts.clock.observe(contextMaxClock(contextOf(record))) ? "OK" : "CLOCK";
  }

  #refuse(peer: MemberId, request: number, code: OutcomeCode): void {
    const writer = this.parts.peers.writer(peer, "foreground");
    if (writer !== null) encodeReplicated(writer, request, OUTCOMES[code].wire, false, false, EMPTY_BYTES);
  }
}

/** One REPLICATE or HINT, until it is committed and acknowledged. */
class ReplicateJob extends RecordMerge implements BudgetWaiter {
  readonly #parts: ReplicaParts;
  readonly #peer: MemberId;
  readonly #request: number;
  readonly #durability: Durability;
  readonly #overwrite: boolean;
  readonly #session: number;
  readonly #storageKey: Bytes;
  #existed = false;
  #uncovered: Bytes = EMPTY_BYTES;

  constructor(
    parts: ReplicaParts,
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    storageKey: Bytes,
    berth: Berth,
    record: Bytes,
  ) {
    super(berth, berth.key, record, fsync ? "fsync" : "os");
    this.#parts = parts;
    this.#storageKey = storageKey;
    this.#peer = peer;
    this.#request = request;
    this.#durability = fsync ? "fsync" : "os";
    this.#overwrite = overwrite;
    this.#session = parts.peers.session(peer);
  }

  /** It has waited: there may be no room any more. */
  onGranted(): void {
    this.resume();
  }

  protected override onMerging(held: Bytes | null, isMerge: boolean): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#note(held, nowMs);
    if (isMerge) this.#noteOverwritten(held, nowMs);
  }

  protected override onMerged(code: OutcomeCode, durability: Durability): void {
    this.#answer(code, code === "OK" && durability === "fsync");
  }

  #note(held: Bytes | null, nowMs: number): void {
    this.#existed = hasLive(held, nowMs);
    if (this.#overwrite) this.#uncovered = uncovered(held, this.record);
  }

  /**
   * Its coordinator will cover what it hears of from here, and knows no values: several siblings that it did not hold
   * are noted here.
   */
  #noteOverwritten(held: Bytes | null, nowMs: number): void {
    const winner = winnerOf(this.record);
    if (this.#uncovered.length === 0 || winner === null) return;
    const live = versionsOf(held).filter(
      (version) =>
        isLiveVersion(version, nowMs) &&
        !hasDot(this.record, version.dot.member, version.dot.start, version.dot.clock),
    );
    if (live.length > 1)
      this.#parts.ledger.noteOverwritten(this.#storageKey, live, winner.dot, this.#durability);
  }

  #answer(code: OutcomeCode, fsynced: boolean): void {
    // The peer may have restarted, and then this id is somebody else's.
    if (this.#parts.peers.session(this.#peer) !== this.#session) return;
    const writer = this.#parts.peers.writer(this.#peer, "foreground");
    if (writer === null) return;
    encodeReplicated(writer, this.#request, OUTCOMES[code].wire, fsynced, this.#existed, this.#uncovered);
  }
}

/** One READ. */
class ReadJob implements RecordUser {
  readonly #parts: ReplicaParts;
  readonly #peer: MemberId;
  readonly #request: number;
  readonly #headOnly: boolean;
  readonly #latest: boolean;
  readonly #session: number;

  constructor(parts: ReplicaParts, peer: MemberId, request: number, headOnly: boolean, latest: boolean) {
    this.#parts = parts;
    this.#peer = peer;
    this.#request = request;
    this.#headOnly = headOnly;
    this.#latest = latest;
    this.#session = parts.peers.session(peer);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    const { peers, limits, healer } = this.#parts;
    // One damaged home that is asked by another to help with the same key need not ask back.
    if (entry.damaged && !this.#latest) healer.heal(entry, null);
    if (peers.session(this.#peer) !== this.#session) return;
    const code: OutcomeCode = entry.damaged ? "DAMAGED" : "OK";
    const shown = entry.damaged ? null : this.#latest ? entry.latest : entry.committed;
    const whole = entry.damaged ? damageBytes(entry.damage) : (shown ?? EMPTY_BYTES);
    const bytes = shown !== null && this.#headOnly ? headOf(shown) : whole;
    const writer = peers.writer(this.#peer, laneFor(limits, bytes));
    if (writer === null) this.defer();
    else encodeReadReply(writer, this.#request, OUTCOMES[code].wire, this.#headOnly, bytes);
  }

  /** The link is full: whoever asks is told to ask again, on the lane where there may be room. */
  defer(): void {
    const writer = this.#parts.peers.writer(this.#peer, "foreground");
    if (writer !== null)
      encodeReadReply(writer, this.#request, OUTCOMES.OVERLOADED.wire, this.#headOnly, EMPTY_BYTES);
  }

  onCommitted(): void {
    // A read appends nothing.
  }
}

/** One SCAN. */
class ScanJob implements ScanPageUser {
  readonly #parts: ReplicaParts;
  readonly #peer: MemberId;
  readonly #request: number;
  readonly #session: number;

  constructor(parts: ReplicaParts, peer: MemberId, request: number) {
    this.#parts = parts;
    this.#peer = peer;
    this.#request = request;
    this.#session = parts.peers.session(peer);
  }

  onScanPage(_tag: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    const { peers } = this.#parts;
    if (peers.session(this.#peer) !== this.#session) return;
    const writer = peers.writer(this.#peer, "foreground");
    if (writer !== null) encodeScanned(writer, this.#request, OUTCOMES[code].wire, next, rows);
  }
}
