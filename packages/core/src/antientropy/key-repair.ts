/**
 * Makes one key the same here and at another home: fetches what the other holds, merges it into what is held here, and
 * sends what has come of it if the other lacks any of it.
 */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import { LocalMerge } from "../replica/local-merge.ts";
import { Operation, type OperationParts } from "../replica/operation.ts";
import { type Peers, laneFor } from "../replica/peers.ts";
import type { MergeParts } from "../replica/record-merge.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import { contextOf, isRecord } from "../version/record.ts";
import { sameRecord } from "../version/reconcile.ts";
import { encodeRead, encodeReplicate } from "../wire/encode.ts";

export interface RepairParts extends OperationParts, MergeParts {
  readonly self: MemberId;
  readonly limits: Limits;
  readonly peers: Peers;
}

export interface KeyRepairUser {
  /** `bytes`: of records that went over the wire. Not OK: the two may differ still. */
  onRepaired(code: OutcomeCode, bytes: number): void;
}

/** Longer than any disk takes; what does not end by then is left for the next time. */
const REPAIR_MS = 10_000;

export class KeyRepair extends Operation<RepairParts> implements RecordUser {
  readonly #peer: MemberId;
  readonly #key: Bytes;
  readonly #isThere: boolean;
  readonly #user: KeyRepairUser;
  #theirs: Bytes | null = null;
  #bytes = 0;

  /** `isThere`: the other holds something of the key. The key is kept. */
  constructor(parts: RepairParts, peer: MemberId, key: Bytes, isThere: boolean, user: KeyRepairUser) {
    super(parts);
    this.#peer = peer;
    this.#key = key;
    this.#isThere = isThere;
    this.#user = user;
  }

  start(): void {
    this.register();
    this.parts.timers.after(this, REPAIR_MS);
    if (this.#isThere) this.#fetch();
    else this.#compare();
  }

  override onReadReply(peer: MemberId, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void {
    if (peer !== this.#peer || headOnly || this.#theirs !== null) return;
    if (code !== "OK") this.#end(code);
    else if (bytes.length === 0) this.#compare();
    else if (!isRecord(bytes)) this.#end("DAMAGED");
    else if (!this.parts.clock.observe(contextMaxClock(contextOf(bytes)))) this.#end("CLOCK");
    else {
      this.#theirs = copyBytes(bytes);
      this.#bytes += bytes.length;
      new LocalMerge(this.parts, this.#key, this.#theirs, "fsync", (merged) =>
        this.#onMerged(merged),
      ).start();
    }
  }

  /** What is held here, after the merge. */
  onEntry(_tag: number, entry: KeyEntry): void {
    if (this.id === 0) return;
    const { latest } = entry;
    if (entry.damaged) {
      this.parts.healer.heal(entry, null);
      this.#end("DAMAGED");
    } else if (latest === null || sameRecord(latest, this.#theirs)) this.#end("OK");
    else this.#send(latest);
  }

  onCommitted(): void {
    // The merge appends, not this.
  }

  override onReplicated(peer: MemberId, code: OutcomeCode): void {
    if (peer === this.#peer) this.#end(code);
  }

  override onPeerDown(peer: MemberId): void {
    if (peer === this.#peer) this.#end("QUORUM");
  }

  override onBulkDown(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onTimer(): void {
    this.#end("TIMEOUT");
  }

  #fetch(): void {
    const writer = this.parts.peers.writer(this.#peer, "bulk");
    if (writer === null) this.#end("QUORUM");
    else encodeRead(writer, this.id, this.deadlineClock(REPAIR_MS), false, this.#key, false);
  }

  #onMerged(code: OutcomeCode): void {
    if (code === "OK") this.#compare();
    else this.#end(code);
  }

  #compare(): void {
    // What was dropped here and is not yet in the ledger for good must not leave before it is.
    if (this.id !== 0) this.parts.store.withEntry(this.#key, true, this, 0, true);
  }

  #send(record: Bytes): void {
    const writer = this.parts.peers.writer(this.#peer, laneFor(this.parts.limits, record));
    if (writer === null) {
      this.#end("QUORUM");
      return;
    }
    this.#bytes += record.length;
    const deadline = this.deadlineClock(REPAIR_MS);
    encodeReplicate(writer, this.id, deadline, true, false, this.#key, record);
  }

  #end(code: OutcomeCode): void {
    if (this.id === 0) return;
    this.unregister();
    this.parts.timers.cancel(this);
    this.#user.onRepaired(code, this.#bytes);
  }
}
