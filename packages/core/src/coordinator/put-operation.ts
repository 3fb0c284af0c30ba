/**
 * One write at its coordinator, which is one of the key's homes or, while none can be reached, one of its fallbacks: it
 * mints the dot, appends to its own storage, replicates the whole record to the other homes and to fallbacks that stand
 * in for some, and acknowledges when enough of them hold it.
 *
 * An overwrite (no context given) supersedes what the coordinator holds *and* what the acknowledging homes hold: a
 * home that held something the new record did not cover names it, and another round covers that as well. So a home
 * that was away does not turn plain SETs into siblings.
 */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Durability } from "../ports/storage.ts";
import { QUORUM, homesNeeded } from "../quorum/needed.ts";
import type { MintWaiter } from "../replica/minter.ts";
import type { Resumable } from "../replica/record-merge.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { contextMaxClock, contextUnion, contextUpTo, isContext } from "../version/causal-context.ts";
import type { Version } from "../version/dot.ts";
import { contextOf, hasLive, isHeadOnly } from "../version/record.ts";
import { hasDot, mergeRecords } from "../version/reconcile.ts";
import { type SeenContext, knowsSeen, seenMaxClock } from "../version/seen-context.ts";
import { type Written, coverAlso, seenRefusal, writeOver, writeWith } from "./build-record.ts";
import { GetOperation } from "./get-operation.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import { type OwnCopy, copyOf } from "./own-copy.ts";
import { Replication, type WritePlace } from "./replication.ts";
import type { GetResult, GetUser, PutRequest } from "./request.ts";
import { watchStragglers } from "./straggler-watch.ts";
import { LOST, NO_ROOM, STILL_DAMAGED, type WriteUser, receiptFor } from "./write-end.ts";

/** The round of the write itself; later ones cover what other homes held. Also the tags of what the store answers. */
const FIRST = 0;

export class PutOperation extends CoordinatorOperation implements RecordUser, MintWaiter, Resumable, GetUser {
  readonly #request: PutRequest;
  /** What the author has seen; null: overwrite. */
  readonly #seen: SeenContext | null;
  readonly #place: WritePlace;
  readonly #copy: OwnCopy;
  readonly #user: WriteUser;
  readonly #deadlineMs: number;
  readonly #replication: Replication;
  /** From then on silent members are stood in for; Infinity: they have been, or cannot be. */
  #lateMs: number;
  #round = FIRST;
  /** Whether the values of what is held are needed. */
  #whole = false;
  /** For an overwrite: claims beyond what this coordinator holds. */
  #extra: Bytes = EMPTY_BYTES;
  /** Other homes were asked what they hold; `#found` is that, when values are needed. */
  #looked = false;
  #found: Bytes | null = null;
  #written: Written | null = null;
  #existed = false;
  /** A round is done, and the next not yet begun. */
  #between = false;
  /** The finding of damage at which no other home had a sound copy of what is to be overwritten; 0: none. */
  #lost = 0;
  /** A damaged record is being replaced, or that was tried. */
  #awaitsHealing = false;
  #healed = false;
  #done = false;

  /** `deadlineMs` is an instant of the timers. */
  constructor(
    parts: CoordinatorParts,
    request: PutRequest,
    seen: SeenContext | null,
    place: WritePlace,
    deadlineMs: number,
    user: WriteUser,
  ) {
    super(parts);
    this.#request = request;
    this.#seen = seen;
    this.#place = place;
    this.#user = user;
    this.#deadlineMs = deadlineMs;
    this.#copy = copyOf(parts, place);
    this.#replication = new Replication(parts, place, this.#copy, request.durability);
    this.#lateMs = this.#replication.lateMs(deadlineMs);
  }

  start(): void {
    const { reachable, asked } = this.#replication;
    if (reachable < this.#place.w) {
      this.#refuse("QUORUM", `only ${reachable} of the ${asked} can be reached; nothing was written`);
      return;
    }
    const room = this.#copy.room(this.#request.value.length);
    if (room !== "OK") {
      this.#refuse(room, NO_ROOM);
      return;
    }
    this.register();
    this.#setTimer();
    this.#again(false);
  }

  #setTimer(): void {
    this.parts.timers.at(this, Math.min(this.#lateMs, this.#deadlineMs));
  }

  onEntry(tag: number, entry: KeyEntry): void {
    if (this.#done || tag !== this.#round) return;
    // After a pause the timer may not have fired yet. Written now, it could undo what its author wrote since.
    if (this.parts.timers.nowMs() >= this.#deadlineMs) this.#expire();
    else if (entry.damaged) this.#onDamaged(entry);
    else if (this.#round > FIRST) this.#coverAgain(entry);
    else this.#write(entry);
  }

  /** The attempt to replace a damaged record has ended. */
  resume(lost: number): void {
    this.#awaitsHealing = false;
    this.#healed = true;
    this.#lost = lost;
    this.onMintable();
  }

  /** Start over from what is held now. */
  onMintable(): void {
    if (!this.#done) this.#again(this.#whole);
  }

  onCommitted(tag: number, durability: Durability): void {
    if (this.#done || tag !== this.#round) return;
    this.#replication.onStored(durability);
    this.#settle();
  }

  override onReplicated(
    peer: MemberId,
    code: OutcomeCode,
    fsynced: boolean,
    existed: boolean,
    context: Bytes,
  ): void {
    if (this.#between || this.#done) return;
    if (!this.#isBelievable(context)) this.#replication.onFailure(peer);
    else if (this.#replication.onAnswer(peer, code, fsynced)) {
      // What is there in later rounds is this very write.
      if (this.#round === FIRST && existed) this.#existed = true;
      if (context.length > 0) this.#extra = contextUnion(this.#extra, copyBytes(context));
    }
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    if (this.#written === null || this.#between) return;
    this.#replication.onFailure(peer);
    this.#settle();
  }

  override onBulkDown(peer: MemberId): void {
    if (this.#written === null || this.#between) return;
    this.#replication.onBulkDown(peer);
    this.#settle();
  }

  override onPeerSilent(peer: MemberId): void {
    if (this.#written !== null && !this.#between) this.#replication.onSilent(peer);
  }

  override onTimer(nowMs: number): void {
    if (nowMs < this.#deadlineMs) {
      this.#lateMs = Infinity;
      this.#setTimer();
      this.#replication.onLate();
      this.#settle();
    } else this.#expire();
  }

  #expire(): void {
    if (this.#written === null) {
      if (this.#awaitsHealing) this.#refuse("DAMAGED", STILL_DAMAGED);
      else this.#refuse("TIMEOUT", `nothing could be written within ${this.#request.timeoutMs} ms`);
      return;
    }
    const { count, asked } = this.#replication;
    const text = `${count} of the ${asked} acknowledged within ${this.#request.timeoutMs} ms (outcome unknown)`;
    this.#finish("TIMEOUT", text, null);
  }

  /** The answer to a look at the other homes before writing. */
  onGet(_tag: number, result: GetResult): void {
    if (this.#done || !(result instanceof GetOperation)) return;
    if (result.code !== "OK") {
      this.#refuse(result.code, `${result.text}; nothing was written`);
      return;
    }
    if (this.#seen !== null) {
      this.#found = result.record;
      this.#whole = true;
    } else if (result.newestLive() === null) {
      this.#finish("OK", "", null);
      return;
    } else {
      this.#existed = true;
      this.#extra = contextOf(result.record);
    }
    this.onMintable();
  }

  #onDamaged(entry: KeyEntry): void {
    // What was lost then need not be what is damaged now.
    const isLost = entry.damage === this.#lost;
    if (!isLost && this.#healed) this.#refuse("DAMAGED", STILL_DAMAGED);
    else if (!isLost) {
      this.#awaitsHealing = true;
      this.#copy.healer.heal(entry, this);
    } else if (this.#seen !== null || this.#round > FIRST) this.#refuse("DAMAGED", LOST);
    else if (this.parts.minter.beginRun() === 0) this.parts.minter.wait(this);
    else this.#mintOn(entry, null);
  }

  /** A peer's bytes go into a record of ours, so they must be a context, and name no clock from the future. */
  #isBelievable(context: Bytes): boolean {
    return (
      context.length === 0 || (isContext(context) && !this.parts.clock.tooFarAhead(contextMaxClock(context)))
    );
  }

  #write(entry: KeyEntry): void {
    const held = this.#found === null ? entry.latest : mergeRecords(entry.latest, this.#found);
    const live = hasLive(held, this.parts.clock.nowMs());
    if (!this.#looked && this.#mustLook(held, live)) {
      this.#look();
      return;
    }
    const refusal = this.#seen === null ? null : seenRefusal(held, this.#seen, this.#request.onlyIfSeen);
    if (refusal !== null) {
      this.#refuse(refusal.code, refusal.text);
      return;
    }
    if (live) this.#existed = true;
    this.#mintOn(entry, held);
  }

  /**
   * Whether other homes must be asked first. A delete of what is not here: they may hold it. A context that names dots
   * which are not known here: only a record that has them can supersede them and nothing else.
   */
  #mustLook(held: Bytes | null, live: boolean): boolean {
    if (this.#seen !== null) return !knowsSeen(held, this.#seen);
    return this.#request.kind === "delete" && !live;
  }

  #look(): void {
    this.#looked = true;
    const { namespace, key } = this.#request;
    const timeoutMs = Math.max(1, this.#deadlineMs - this.parts.timers.nowMs());
    const headOnly = this.#seen === null;
    // A dot may be at fewer homes than a majority: ask all that can be reached.
    const { storageKey, homes } = this.#place;
    const r = Math.max(homesNeeded(QUORUM, homes.length), headOnly ? 0 : this.#replication.reachableHomes);
    const request = { namespace, key, r, headOnly, repair: "none", timeoutMs } as const;
    new GetOperation(this.parts, request, storageKey, homes, r, this, 0).start();
  }

  #mintOn(entry: KeyEntry, held: Bytes | null): void {
    const { parts } = this;
    const given = this.#seen === null ? contextMaxClock(this.#extra) : seenMaxClock(this.#seen);
    const floor = Math.max(contextMaxClock(contextOf(held)), given);
    if (parts.clock.tooFarAhead(floor)) {
      this.#refuse("CLOCK", "");
      return;
    }
    // A run begins before its first dot.
    const start = this.#copy.run();
    const clock = start === 0 ? 0 : parts.minter.mint(floor);
    if (clock === 0) {
      parts.minter.wait(this);
      return;
    }
    const tombstone = this.#request.kind === "delete";
    const version: Version = {
      dot: { member: parts.self, start, clock },
      kind: tombstone ? "tombstone" : "value",
      expiryMs: tombstone ? 0 : this.#request.expiryMs,
      value: tombstone ? EMPTY_BYTES : this.#request.value,
    };
    const written =
      this.#seen === null
        ? writeOver(held, this.#extra, version, parts.clock.nowMs(), this.#written)
        : writeWith(held, this.#seen, version);
    if (written !== null) this.#store(entry, written);
    else this.#again(true);
  }

  #again(whole: boolean): void {
    this.#whole = whole;
    // What an author has not seen must not go with a record that leaves before its entry in the ledger is durable.
    const settled = this.#seen !== null || this.#round > FIRST;
    this.#copy.store.withEntry(this.#copy.key, whole, this, this.#round, settled);
  }

  #store(entry: KeyEntry, written: Written): void {
    const refusal = written.beyond(this.parts.limits);
    if (refusal !== null) {
      this.#refuse(refusal.code, refusal.text);
      return;
    }
    this.#written = written;
    this.#between = false;
    this.#extra = EMPTY_BYTES;
    // Replicas hear of it before our own append has ended: the disks work side by side.
    this.#replicate(written.record);
    written.note(this.parts.ledger, this.#place.storageKey, this.#request.durability);
    const { store } = this.#copy;
    if (entry.damaged) store.replaceDamaged(entry, written.record, this, this.#round);
    else store.put(entry, written.record, this.#request.durability, this, this.#round);
    this.#copy.onMinted(written.version.dot.start);
    this.#settle();
  }

  #replicate(record: Bytes): void {
    const deadline = this.deadlineClock(this.#deadlineMs - this.parts.timers.nowMs());
    // Every round may be acknowledged by a member that no earlier one has heard; after one for each, that is enough.
    const overwrite = this.#seen === null && this.#round < this.#replication.members;
    this.#replication.send({ id: this.id, deadline, overwrite, record });
  }

  #settle(): void {
    const written = this.#written;
    if (this.#done || written === null || this.#between) return;
    const { state, count, asked } = this.#replication;
    if (state === "reached") {
      if (this.#extra.length > 0) this.#nextRound();
      else this.#finish("OK", "", written);
    } else if (state === "impossible") {
      this.#finish("UNKNOWN", `only ${count} of the ${asked} hold the write (outcome unknown)`, null);
    }
  }

  #nextRound(): void {
    this.#round++;
    this.#between = true;
    this.#replication.nextRound();
    this.parts.counters.secondRounds++;
    this.register();
    this.#again(this.#whole);
  }

  /**
   * What other homes held is older than this write, nearly always. Then the record just claims it as well. Above
   * something newer it is minted once more: of two that found each other neither may remove the other.
   */
  #coverAgain(entry: KeyEntry): void {
    const first = this.#written;
    if (first === null) return;
    const held = entry.latest;
    const { dot } = first.version;
    const isNewer = contextMaxClock(this.#extra) >= dot.clock;
    // Under `lww` it may have lost here to what was found: then it goes on.
    if (
      isNewer &&
      (hasDot(held, dot.member, dot.start, dot.clock) ||
        this.parts.ledger.hasLost(this.#place.storageKey, dot, held))
    ) {
      this.#mintOn(entry, held);
      return;
    }
    // What superseded it meanwhile is not for it to remove; what is older is, as the other may not have heard of it.
    const older = contextUpTo(this.#extra, dot.clock - 1);
    if (held === null || older.length === 0) {
      this.#replication.takeAchieved();
      this.#finish("OK", "", first);
    } else if (isHeadOnly(held)) this.#again(true);
    else this.#store(entry, coverAlso(first, held, older));
  }

  /** A failure after which nothing is, or will be, written anywhere. */
  #refuse(code: OutcomeCode, text: string): void {
    if (this.#written === null) this.#finish(code, text, null);
    else this.#finish("UNKNOWN", `${text} (outcome unknown)`, null);
  }

  #finish(code: OutcomeCode, text: string, written: Written | null): void {
    if (this.#done) return;
    this.#done = true;
    const hears = !this.#between;
    // What is still to be answered goes to a watch, and with it the id.
    if (this.#written !== null && watchStragglers(this.parts, hears ? this.id : 0, this.#replication))
      this.id = 0;
    this.close(code, this.#request.timeoutMs, this.#deadlineMs);
    const receipt =
      written === null || !this.#request.wantReceipt
        ? null
        : receiptFor(this.parts, this.#request, written, this.#replication);
    this.#user.onWriteEnd({
      code,
      text,
      existed: this.#existed,
      coordinator: this.parts.self,
      written: receipt,
    });
  }
}
