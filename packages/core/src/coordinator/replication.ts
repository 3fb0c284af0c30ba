/**
 * A write at its homes, and at the fallbacks that stand in for some of them: who is asked, who holds it, who lacks it.
 * Homes are always asked. A fallback is asked only when, without it, the members that hold the write or may yet say so
 * are fewer than were asked for. Positions are those of the homes, then those of the fallbacks.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Durability } from "../ports/storage.ts";
import type { Lane } from "../ports/transport.ts";
import { type QuorumState, WriteQuorum } from "../quorum/write-quorum.ts";
import { laneFor } from "../replica/peers.ts";
import { encodeHint } from "../wire/encode-hints.ts";
import { encodeReplicate } from "../wire/encode.ts";
import type { CoordinatorParts } from "./coordination.ts";
import type { OwnCopy } from "./own-copy.ts";

/** Where a write goes, and how many must hold it. */
export interface WritePlace {
  readonly storageKey: Bytes;
  readonly homes: readonly MemberId[];
  /** Those that may stand in for homes, in order; a coordinator that is none of the homes is the first of them. */
  readonly fallbacks: readonly MemberId[];
  /** 1 to as many as there are homes. */
  readonly w: number;
}

/** One round as it goes out. */
export interface Round {
  /** Of the operation that hears the answers. */
  readonly id: number;
  /** A clock. */
  readonly deadline: number;
  readonly overwrite: boolean;
  readonly record: Bytes;
}

const NOBODY: MemberId = 0;

export class Replication {
  readonly place: WritePlace;
  readonly #parts: CoordinatorParts;
  readonly #copy: OwnCopy;
  readonly #durability: Durability;
  readonly #members: readonly MemberId[];
  /** For each fallback asked so far the home in whose place it is; nobody where it cannot be reached, or refused. */
  readonly #targets: MemberId[] = [];
  #quorum: WriteQuorum;
  /** Of the round before. */
  #achieved: WriteQuorum;
  #round: Round | null = null;
  /** By which it went. */
  #lane: Lane = "foreground";
  /** Bits of those that are not waited for any more, though they may answer yet. */
  #late = 0;
  /** Bits of homes for which something is kept since this round began. */
  #kept = 0;
  /** No more fallbacks are asked. */
  #isTold = false;

  constructor(parts: CoordinatorParts, place: WritePlace, copy: OwnCopy, durability: Durability) {
    this.#parts = parts;
    this.place = place;
    this.#copy = copy;
    this.#durability = durability;
    this.#members = [...place.homes, ...place.fallbacks];
    this.#quorum = this.#newQuorum();
    this.#achieved = this.#quorum;
    if (copy.target !== NOBODY) this.#targets.push(copy.target);
  }

  /** All that may be asked. */
  get members(): number {
    return this.#members.length;
  }

  /** In words. */
  get asked(): string {
    const { w, fallbacks } = this.place;
    return fallbacks.length === 0 ? `${w} homes asked for` : `${w} homes or fallbacks asked for`;
  }

  /** When members that have said nothing are to be stood in for; Infinity: nobody can. By the timers' clock. */
  lateMs(deadlineMs: number): number {
    if (this.place.fallbacks.length === 0) return Infinity;
    const { timers, limits } = this.#parts;
    const leftMs = deadlineMs - timers.nowMs();
    return timers.nowMs() + Math.min(limits.fallbackAfterMs, leftMs / 2);
  }

  get state(): QuorumState {
    return this.#quorum.state;
  }

  /** How many hold it. */
  get count(): number {
    return this.#quorum.acked.length;
  }

  get fsynced(): number {
    return this.#quorum.fsynced;
  }

  /** Those that hold it, in order of their answers. */
  get homes(): MemberId[] {
    const { homes } = this.place;
    return this.#quorum.acked.filter((at) => at < homes.length).map((at) => homes[at] ?? NOBODY);
  }

  get fallbacks(): MemberId[] {
    const { homes } = this.place;
    return this.#quorum.acked.filter((at) => at >= homes.length).map((at) => this.#members[at] ?? NOBODY);
  }

  /** Of homes and fallbacks. */
  get reachable(): number {
    const { self, peers } = this.#parts;
    let count = 0;
    for (const member of this.#members) if (member === self || peers.reachable(member)) count++;
    return count;
  }

  get reachableHomes(): number {
    const { self, peers } = this.#parts;
    let count = 0;
    for (const home of this.place.homes) if (home === self || peers.reachable(home)) count++;
    return count;
  }

  /** Some other member that was asked has said nothing yet. */
  get isAwaited(): boolean {
    const { self } = this.#parts;
    const asked = this.place.homes.length + this.#targets.length;
    for (let at = 0; at < asked; at++)
      if (this.#members[at] !== self && !this.#quorum.hasAnswered(at)) return true;
    return false;
  }

  send(round: Round): void {
    this.#round = round;
    this.#lane = laneFor(this.#parts.limits, round.record);
    const { homes } = this.place;
    for (let at = 0; at < homes.length; at++) this.#sendHome(round, homes[at] ?? NOBODY, at);
    for (let index = 0; index < this.#targets.length; index++)
      this.#sendFallback(round, index, this.#targets[index] ?? NOBODY);
    this.#fill();
    // What is appended next makes this durable as well.
    for (let at = 0; at < homes.length; at++) {
      const home = homes[at] ?? NOBODY;
      if (this.#hasFailed(at) && !this.#targets.includes(home)) this.#keepFor(at, home);
    }
  }

  /** The answers to the round before count no more. */
  nextRound(): void {
    this.#achieved = this.#quorum;
    this.#quorum = this.#newQuorum();
    this.#kept = 0;
    this.#late = 0;
  }

  /** The round before was enough after all. */
  takeAchieved(): void {
    this.#quorum = this.#achieved;
  }

  /** The coordinator's own append has ended. */
  onStored(durability: Durability): void {
    this.#quorum.addAck(this.#members.indexOf(this.#parts.self), durability === "fsync");
  }

  /** Says whether this member holds the write, and that was news. */
  onAnswer(peer: MemberId, code: OutcomeCode, fsynced: boolean): boolean {
    const at = this.#members.indexOf(peer);
    if (at < 0 || !this.#isAsked(at)) return false;
    if (code === "OK" && (fsynced || this.#durability === "os")) return this.#quorum.addAck(at, fsynced);
    this.onFailure(peer);
    return false;
  }

  onFailure(peer: MemberId): void {
    const at = this.#members.indexOf(peer);
    if (at < 0 || !this.#isAsked(at)) return;
    if (this.#quorum.addFailure(at) && at >= this.place.homes.length)
      this.#targets[at - this.place.homes.length] = NOBODY;
    this.#fill();
  }

  onBulkDown(peer: MemberId): void {
    // It may not have arrived.
    if (this.#lane === "bulk") this.onFailure(peer);
  }

  /** It may answer yet, but somebody else is to be asked. */
  onSilent(peer: MemberId): void {
    const at = this.#members.indexOf(peer);
    if (at >= 0) this.#late |= 1 << at;
    this.#fill();
  }

  /** As above, of all that have said nothing. */
  onLate(): void {
    if (this.#round === null) return;
    for (let at = 0; at < this.#members.length; at++) if (this.#isAsked(at)) this.#late |= 1 << at;
    this.#fill();
  }

  /** The end of the write is told. A home keeps references, so the record need not stay in memory for them. */
  stop(): void {
    this.#isTold = true;
    if (this.#round !== null && this.#copy.target === NOBODY)
      this.#round = { ...this.#round, record: EMPTY_BYTES };
  }

  /** For each home that does not hold it, and in whose place nobody does. */
  keepHints(): void {
    const { homes } = this.place;
    for (let at = 0; at < homes.length; at++) {
      const home = homes[at] ?? NOBODY;
      if (this.#hasAcked(at) || home === this.#parts.self) continue;
      const stoodIn = this.#targets.indexOf(home);
      if (stoodIn < 0 || !this.#hasAcked(homes.length + stoodIn)) this.#keepFor(at, home);
    }
  }

  #newQuorum(): WriteQuorum {
    return new WriteQuorum(this.#members.length, this.place.w);
  }

  #isAsked(at: number): boolean {
    return at < this.place.homes.length + this.#targets.length;
  }

  #hasAcked(at: number): boolean {
    return this.#quorum.hasAcked(at);
  }

  #hasFailed(at: number): boolean {
    return this.#quorum.hasAnswered(at) && !this.#hasAcked(at);
  }

  #keepFor(at: number, home: MemberId): void {
    const record = this.#round?.record;
    if (record === undefined || (this.#kept & (1 << at)) !== 0) return;
    this.#kept |= 1 << at;
    this.#copy.keepFor(home, record);
  }

  /** Asks fallbacks until those that hold the write, or may yet say so in time, are enough. */
  #fill(): void {
    const round = this.#round;
    const { fallbacks } = this.place;
    while (round !== null && !this.#isTold && this.#targets.length < fallbacks.length) {
      if (this.#hoped() >= this.place.w) return;
      const target = this.#nextTarget();
      this.#targets.push(target);
      this.#sendFallback(round, this.#targets.length - 1, target);
    }
  }

  #hoped(): number {
    let count = 0;
    for (let at = 0; at < this.#members.length; at++) {
      const mayAnswer = this.#isAsked(at) && !this.#quorum.hasAnswered(at) && (this.#late & (1 << at)) === 0;
      if (mayAnswer || this.#hasAcked(at)) count++;
    }
    return count;
  }

  /** The first home that does not hold it, and in whose place nobody is. */
  #nextTarget(): MemberId {
    const isOpen = (home: MemberId, at: number): boolean =>
      !this.#hasAcked(at) && !this.#targets.includes(home);
    const given = this.place.homes.find((home, at) => {
      return isOpen(home, at) && (this.#hasFailed(at) || (this.#late & (1 << at)) !== 0);
    });
    return given ?? this.place.homes.find(isOpen) ?? NOBODY;
  }

  #sendHome({ id, deadline, overwrite, record }: Round, home: MemberId, at: number): void {
    const { self, peers, limits } = this.#parts;
    if (home === self) return;
    const writer = peers.writer(home, laneFor(limits, record));
    const fsync = this.#durability === "fsync";
    if (writer === null) this.#quorum.addFailure(at);
    else encodeReplicate(writer, id, deadline, fsync, overwrite, this.place.storageKey, record);
  }

  #sendFallback({ id, deadline, overwrite, record }: Round, index: number, target: MemberId): void {
    const { self, peers, limits } = this.#parts;
    const fallback = this.place.fallbacks[index] ?? NOBODY;
    if (fallback === self) return;
    const isThere = target !== NOBODY && peers.reachable(fallback);
    const writer = isThere ? peers.writer(fallback, laneFor(limits, record)) : null;
    if (writer === null) {
      this.#quorum.addFailure(this.place.homes.length + index);
      this.#targets[index] = NOBODY;
      return;
    }
    const fsync = this.#durability === "fsync";
    encodeHint(writer, id, deadline, fsync, overwrite, target, this.place.storageKey, record);
  }
}
