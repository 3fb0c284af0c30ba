/**
 * One write at its coordinator, which is one of the key's homes: it mints the dot, appends to its own storage,
 * replicates the whole record to the other homes, and acknowledges when enough of them hold it.
 *
 * An overwrite (no context given) supersedes what the coordinator holds *and* what the acknowledging homes hold: a
 * home that held something the new record did not cover names it, and the coordinator mints once more above that.
 * So a home that was away does not turn plain SETs into siblings.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Durability } from "../ports/storage.ts";
import { WriteQuorum } from "../quorum/write-quorum.ts";
import type { MintWaiter } from "../replica/minter.ts";
import { laneFor } from "../replica/peers.ts";
import type { Resumable } from "../replica/replica.ts";
import type { KeyEntry, RecordUser } from "../storage/record-store.ts";
import { contextMaxClock, contextUnion } from "../version/causal-context.ts";
import { contextOf, hasLive } from "../version/record.ts";
import { hasDot } from "../version/reconcile.ts";
import { encodeReplicate } from "../wire/encode.ts";
import type { RemoteReceipt } from "../wire/messages.ts";
import { type NewVersion, type Written, writeOver, writeWith } from "./build-record.ts";
import { GetOperation } from "./get-operation.ts";
import { type CoordinatorParts, Operation } from "./operation.ts";
import type { GetResult, GetUser, PutRequest } from "./request.ts";

/** What a write came to, before it is dressed as a result for a face or a reply to a peer. */
export interface WriteEnd {
  readonly code: OutcomeCode;
  readonly text: string;
  readonly existed: boolean;
  /** Who coordinated it; 0 when nobody came to. */
  readonly coordinator: MemberId;
  /** Null when nothing was written. */
  readonly written: RemoteReceipt | null;
}

export interface WriteUser {
  onWriteEnd(end: WriteEnd): void;
}

/** Tags of what the store answers: the write itself, and the second mint. */
const FIRST = 0;
const SECOND = 1;

export class PutOperation extends Operation implements RecordUser, MintWaiter, Resumable, GetUser {
  readonly #request: PutRequest;
  /** The decoded context of the request; null: overwrite. */
  readonly #context: Bytes | null;
  readonly #key: Bytes;
  readonly #homes: readonly MemberId[];
  readonly #w: number;
  readonly #user: WriteUser;
  readonly #deadlineMs: number;
  #quorum: WriteQuorum;
  #round = FIRST;
  #whole = false;
  /** For an overwrite: claims beyond what this coordinator holds. */
  #extra: Bytes = EMPTY_BYTES;
  #looked = false;
  #written: Written | null = null;
  #existed = false;
  /** Between the first round's end and the second mint. */
  #mintsAgain = false;
  #done = false;

  constructor(
    parts: CoordinatorParts,
    request: PutRequest,
    context: Bytes | null,
    storageKey: Bytes,
    homes: readonly MemberId[],
    w: number,
    user: WriteUser,
  ) {
    super(parts);
    this.#request = request;
    this.#context = context;
    this.#key = storageKey;
    this.#homes = homes;
    this.#w = w;
    this.#user = user;
    this.#quorum = new WriteQuorum(homes.length, w);
    this.#deadlineMs = parts.timers.nowMs() + request.timeoutMs;
  }

  start(): void {
    const { parts } = this;
    let reachable = 0;
    for (const home of this.#homes) if (home === parts.self || parts.peers.reachable(home)) reachable++;
    if (reachable < this.#w) {
      this.#refuse(
        "QUORUM",
        `only ${reachable} of the ${this.#w} homes asked for can be reached; nothing was written`,
      );
      return;
    }
    this.register();
    parts.timers.at(this, this.#deadlineMs);
    parts.store.withEntry(this.#key, false, this, this.#round);
  }

  onEntry(tag: number, entry: KeyEntry): void {
    if (this.#done || tag !== this.#round) return;
    if (entry.damaged) this.parts.healer.heal(entry.key, this);
    else if (this.#round === SECOND) this.#mintAgain(entry);
    else this.#write(entry);
  }

  /** A damaged record was replaced, or the ceiling of the clock raised: start over from what is held now. */
  resume(): void {
    if (!this.#done) this.parts.store.withEntry(this.#key, this.#whole, this, this.#round);
  }

  onMintable(): void {
    this.resume();
  }

  onCommitted(tag: number, durability: Durability): void {
    if (this.#done || tag !== this.#round) return;
    this.#quorum.addAck(this.#homes.indexOf(this.parts.self), durability === "fsync");
    this.#settle();
  }

  override onReplicated(
    peer: MemberId,
    code: OutcomeCode,
    fsynced: boolean,
    existed: boolean,
    context: Bytes,
  ): void {
    const position = this.#homes.indexOf(peer);
    if (position < 0) return;
    if (code !== "OK") this.#quorum.addFailure(position);
    else if (this.#quorum.addAck(position, fsynced)) {
      // What is there before the second mint is this very write.
      if (this.#round === FIRST && existed) this.#existed = true;
      if (context.length > 0) this.#extra = contextUnion(this.#extra, context.slice());
    }
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    const position = this.#homes.indexOf(peer);
    if (position < 0 || this.#written === null) return;
    this.#quorum.addFailure(position);
    this.#settle();
  }

  override onTimer(): void {
    if (this.#written === null) {
      this.#refuse("TIMEOUT", `nothing could be written within ${this.#request.timeoutMs} ms`);
      return;
    }
    const count = this.#quorum.acked.length;
    const text = `${count} of the ${this.#w} homes asked for acknowledged within ${this.#request.timeoutMs} ms (outcome unknown)`;
    this.#finish("TIMEOUT", text, null);
  }

  /** The answer to the look before a delete. */
  onGet(_tag: number, result: GetResult): void {
    if (this.#done || !(result instanceof GetOperation)) return;
    if (result.code !== "OK") {
      this.#refuse(result.code, `${result.text}; nothing was written`);
      return;
    }
    if (result.newestLive() === null) {
      this.#finish("OK", "", null);
      return;
    }
    this.#existed = true;
    this.#extra = contextOf(result.record);
    this.resume();
  }

  #write(entry: KeyEntry): void {
    const { parts } = this;
    const held = entry.latest;
    const live = hasLive(held, parts.clock.nowMs());
    const blindDelete = this.#request.kind === "delete" && this.#context === null;
    if (blindDelete && !live && !this.#looked) {
      this.#look();
      return;
    }
    if (live) this.#existed = true;
    this.#mintOn(entry, held);
  }

  /**
   * Nothing to delete is held here, but other homes may know better. A tombstone is written only where a quorum
   * has something to remove.
   */
  #look(): void {
    this.#looked = true;
    const { namespace, key } = this.#request;
    const timeoutMs = Math.max(1, this.#deadlineMs - this.parts.timers.nowMs());
    const r = Math.floor(this.#homes.length / 2) + 1;
    const request = { namespace, key, r, headOnly: true, timeoutMs };
    new GetOperation(this.parts, request, this.#key, this.#homes, r, this, 0).start();
  }

  #mintOn(entry: KeyEntry, held: Bytes | null): void {
    const { parts } = this;
    const given = this.#context ?? this.#extra;
    const floor = Math.max(contextMaxClock(contextOf(held)), contextMaxClock(given));
    if (parts.clock.tooFarAhead(floor)) {
      this.#refuse("CLOCK", "");
      return;
    }
    const clock = parts.minter.mint(floor);
    if (clock === 0) {
      parts.minter.wait(this);
      return;
    }
    const version: NewVersion = {
      member: parts.self,
      runStart: parts.minter.runStart,
      clock,
      tombstone: this.#request.kind === "delete",
      expiryMs: this.#request.kind === "delete" ? 0 : this.#request.expiryMs,
      value: this.#request.kind === "delete" ? EMPTY_BYTES : this.#request.value,
    };
    if (this.#context === null) this.#store(entry, writeOver(held, this.#extra, version));
    else {
      const written = writeWith(held, this.#context, version);
      if (written !== null) this.#store(entry, written);
      else {
        this.#whole = true;
        parts.store.withEntry(this.#key, true, this, this.#round);
      }
    }
  }

  #store(entry: KeyEntry, written: Written): void {
    const { limits } = this.parts;
    const refusal = written.beyond(limits);
    if (refusal !== null) {
      this.#refuse(refusal.code, refusal.text);
      return;
    }
    this.#written = written;
    this.#mintsAgain = false;
    this.#quorum = new WriteQuorum(this.#homes.length, this.#w);
    // Replicas hear of it before our own append has ended: the disks work side by side.
    this.#replicate(written.record);
    this.parts.store.put(entry, written.record, this.#request.durability, this, this.#round);
    this.#settle();
  }

  #replicate(record: Bytes): void {
    const { parts } = this;
    const deadline = this.deadlineClock(this.#deadlineMs - parts.timers.nowMs());
    const fsync = this.#request.durability === "fsync";
    const overwrite = this.#context === null && this.#round === FIRST;
    for (let i = 0; i < this.#homes.length; i++) {
      const home = this.#homes[i] ?? 0;
      if (home === parts.self) continue;
      const writer = parts.peers.writer(home, laneFor(parts.limits, record));
      if (writer === null) this.#quorum.addFailure(i);
      else encodeReplicate(writer, this.id, deadline, fsync, overwrite, this.#key, record);
    }
  }

  #settle(): void {
    if (this.#done || this.#written === null || this.#mintsAgain) return;
    const { state } = this.#quorum;
    if (state === "reached") {
      if (this.#round === FIRST && this.#context === null && this.#extra.length > 0 && !this.#extraCovered())
        this.#second();
      else this.#finish("OK", "", this.#written);
    } else if (state === "impossible") {
      const count = this.#quorum.acked.length;
      this.#finish(
        "UNKNOWN",
        `only ${count} of the ${this.#w} homes asked for hold the write (outcome unknown)`,
        null,
      );
    }
  }

  /** The look before a delete may have named what the first round covered already. */
  #extraCovered(): boolean {
    return this.#written !== null && this.#written.covers(this.#extra);
  }

  #second(): void {
    this.#round = SECOND;
    this.#mintsAgain = true;
    this.parts.counters.secondMints++;
    this.register();
    this.parts.store.withEntry(this.#key, false, this, SECOND);
  }

  #mintAgain(entry: KeyEntry): void {
    const first = this.#written;
    if (first === null) return;
    const { member, runStart, clock } = first.version;
    if (!hasDot(entry.latest, member, runStart, clock)) {
      // Superseded meanwhile by a write that has seen it. That one hears of what is uncovered by itself.
      this.#finish("OK", "", first);
      return;
    }
    this.#mintOn(entry, entry.latest);
  }

  /** A failure after which nothing is, or will be, written anywhere. */
  #refuse(code: OutcomeCode, text: string): void {
    if (this.#written === null) this.#finish(code, text, null);
    else this.#finish("UNKNOWN", `${text} (outcome unknown)`, null);
  }

  #finish(code: OutcomeCode, text: string, written: Written | null): void {
    if (this.#done) return;
    this.#done = true;
    this.unregister();
    this.parts.timers.cancel(this);
    const achieved = written === null ? null : this.#achieved(written);
    this.#user.onWriteEnd({
      code,
      text,
      existed: this.#existed,
      coordinator: this.parts.self,
      written: achieved,
    });
  }

  #achieved(written: Written): RemoteReceipt {
    const { member, runStart, clock } = written.version;
    return {
      dot: { member, start: runStart, clock },
      w: this.#w,
      homes: this.#quorum.acked.map((position) => this.#homes[position] ?? 0),
      fsynced: this.#quorum.fsynced,
      covering: written.covering(),
    };
  }
}
