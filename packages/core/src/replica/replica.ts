/**
 * A home's side of reads and writes: it stores what peers replicate to it, merged with what it holds, and serves
 * them what it has committed. It decides nothing about quorums.
 */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import { OUTCOMES, type OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Durability } from "../ports/storage.ts";
import { isRecordKey } from "../storage/keyspace.ts";
import type { KeyEntry, RecordStore, RecordUser } from "../storage/record-store.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import type { HybridClock } from "../version/hlc.ts";
import { contextOf, hasLive, headOf, isRecord } from "../version/record.ts";
import { mergeRecords, supersedes, uncovered } from "../version/reconcile.ts";
import { encodeReadReply, encodeReplicated } from "../wire/encode.ts";
import { type Peers, laneFor } from "./peers.ts";

/** Replaces damaged records from peers. */
export interface Healer {
  /** Starts to, unless it is under way; `resumed` (if any) hears when the key is whole again. */
  heal(key: Bytes, resumed: Resumable | null): void;
}

export interface Resumable {
  resume(): void;
}

export interface ReplicaParts {
  readonly limits: Limits;
  readonly clock: HybridClock;
  readonly store: RecordStore;
  readonly peers: Peers;
  readonly healer: Healer;
  /** False while this member takes no writes, such as when its disk is down to the reserve. */
  readonly canStore: () => boolean;
}

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
    const refusal = this.#refusal(key, record);
    if (refusal !== "OK") {
      this.#refuse(peer, request, refusal);
      return;
    }
    const job = new ReplicateJob(this.parts, peer, request, fsync, overwrite, copyBytes(record));
    this.parts.store.withEntry(copyBytes(key), false, job, 0);
  }

  /** `deadline` is a clock: a read that nobody waits for any more is not begun. */
  onRead(peer: MemberId, request: number, deadline: number, headOnly: boolean, key: Bytes): void {
    if (!isRecordKey(key) || this.parts.clock.reading() > deadline) return;
    this.parts.store.withEntry(
      copyBytes(key),
      !headOnly,
      new ReadJob(this.parts, peer, request, headOnly),
      0,
    );
  }

  #refusal(key: Bytes, record: Bytes): OutcomeCode {
    if (!isRecordKey(key) || !isRecord(record)) return "INVALID";
    if (!this.parts.canStore()) return "DISKFULL";
    return this.parts.clock.observe(contextMaxClock(contextOf(record))) ? "OK" : "CLOCK";
  }

  #refuse(peer: MemberId, request: number, code: OutcomeCode): void {
    const writer = this.parts.peers.writer(peer, "foreground");
    if (writer !== null) encodeReplicated(writer, request, OUTCOMES[code].wire, false, false, EMPTY_BYTES);
  }
}

/** One REPLICATE, until it is committed and acknowledged. */
class ReplicateJob implements RecordUser {
  readonly #parts: ReplicaParts;
  readonly #peer: MemberId;
  readonly #request: number;
  readonly #durability: Durability;
  readonly #overwrite: boolean;
  readonly #record: Bytes;
  #existed = false;
  #uncovered: Bytes = EMPTY_BYTES;

  constructor(
    parts: ReplicaParts,
    peer: MemberId,
    request: number,
    fsync: boolean,
    overwrite: boolean,
    record: Bytes,
  ) {
    this.#parts = parts;
    this.#peer = peer;
    this.#request = request;
    this.#durability = fsync ? "fsync" : "os";
    this.#overwrite = overwrite;
    this.#record = record;
  }

  onEntry(tag: number, entry: KeyEntry): void {
    const { store, clock, healer } = this.#parts;
    if (entry.damaged) {
      healer.heal(entry.key, null);
      this.#answer("DAMAGED", false);
      return;
    }
    const held = entry.latest;
    if (supersedes(this.#record, held)) {
      this.#note(held, clock.nowMs());
      store.put(entry, this.#record, this.#durability, this, tag);
      return;
    }
    if (tag === 0) {
      // A real merge needs the values of both. Whatever happens meanwhile, it starts over from what is held then.
      store.withEntry(entry.key, true, this, 1);
      return;
    }
    this.#note(held, clock.nowMs());
    const merged = mergeRecords(held, this.#record);
    if (merged !== null) store.put(entry, merged, this.#durability, this, tag);
  }

  onCommitted(_tag: number, durability: Durability): void {
    this.#answer("OK", durability === "fsync");
  }

  #note(held: Bytes | null, nowMs: number): void {
    this.#existed = hasLive(held, nowMs);
    if (this.#overwrite) this.#uncovered = uncovered(held, this.#record);
  }

  #answer(code: OutcomeCode, fsynced: boolean): void {
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

  constructor(parts: ReplicaParts, peer: MemberId, request: number, headOnly: boolean) {
    this.#parts = parts;
    this.#peer = peer;
    this.#request = request;
    this.#headOnly = headOnly;
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    const { peers, limits, healer } = this.#parts;
    if (entry.damaged) healer.heal(entry.key, null);
    const code: OutcomeCode = entry.damaged ? "DAMAGED" : "OK";
    const committed = entry.damaged ? null : entry.committed;
    const bytes = committed === null ? EMPTY_BYTES : this.#headOnly ? headOf(committed) : committed;
    const writer = peers.writer(this.#peer, laneFor(limits, bytes));
    if (writer !== null) encodeReadReply(writer, this.#request, OUTCOMES[code].wire, this.#headOnly, bytes);
  }

  onCommitted(): void {
    // A read appends nothing.
  }
}
