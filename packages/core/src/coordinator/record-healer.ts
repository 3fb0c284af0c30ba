/**
 * A damaged record is fetched from the key's other homes, merged, and begins a new run of this member, because what
 * it minted for the key may be forgotten. All other homes must answer: what only this member and one other held
 * must not be taken for lost while that one is away.
 *
 * A home whose own copy is damaged has answered too. But damage moves: what it held it may have got back from a home
 * that is damaged by now, or that answered us before it had it. So where anybody answers DAMAGED all are asked once
 * more, until two rounds in a row name the same damage: then between the two all of them were damaged at one time, and
 * whoever is sound answered after that (a double collect, as in Afek et al., Atomic Snapshots of Shared Memory, 1993).
 */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { ByteMap, type ByteKeyed } from "../base/byte-map.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { damageOf } from "../replica/damage-bytes.ts";
import type { MintWaiter } from "../replica/minter.ts";
import type { Healer, Resumable } from "../replica/record-merge.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { isRecord } from "../version/record.ts";
import { mergeRecords } from "../version/reconcile.ts";
import { encodeRead } from "../wire/encode.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";

const ATTEMPT_MS = 2_000;
/** Rounds of one attempt; three are enough unless somebody is damaged again and again. */
const ROUNDS_MAX = 8;
/** After so long whoever had no room for the question or the answer is asked again. */
const AGAIN_MS = 50;

export class RecordHealer implements Healer {
  readonly #parts: () => CoordinatorParts;
  readonly #healing = new ByteMap<HealOperation>();

  /** The parts hold the healer, so they come when there is something to heal. */
  constructor(parts: () => CoordinatorParts) {
    this.#parts = parts;
  }

  heal(entry: KeyEntry, resumed: Resumable | null): void {
    const { key, hash } = entry;
    let operation = this.#healing.get(key, hash);
    const fresh = operation === null;
    operation ??= new HealOperation(this.#parts(), entry, () => this.#healing.delete(key, hash));
    if (resumed !== null) {
      if (operation.resumes.length >= this.#parts().limits.healWaitersMax) {
        resumed.resume(0);
        return;
      }
      operation.resumes.push(resumed);
    }
    if (!fresh) return;
    this.#healing.set(operation);
    operation.start();
  }
}

/** Which damage: of which process, and of its findings which. */
interface Damage {
  readonly session: number;
  readonly damage: number;
}

class HealOperation extends CoordinatorOperation implements ByteKeyed, RecordUser, MintWaiter {
  readonly key: Bytes;
  readonly hash: number;
  readonly resumes: Resumable[] = [];
  readonly #entry: KeyEntry;
  readonly #damage: number;
  readonly #others: readonly MemberId[];
  readonly #ended: () => void;
  readonly #endMs: number;
  #sound = new Set<MemberId>();
  #damaged = new Map<MemberId, Damage>();
  /** Of the round before. */
  #damagedBefore: ReadonlyMap<MemberId, Damage> | null = null;
  readonly #busy = new Set<MemberId>();
  #merged: Bytes | null = null;
  #rounds = 0;
  #fetched = false;
  #done = false;

  constructor(parts: CoordinatorParts, entry: KeyEntry, ended: () => void) {
    super(parts);
    this.key = entry.key;
    this.hash = entry.hash;
    this.#entry = entry;
    this.#damage = entry.damage;
    this.#others = parts.placement.homesOfRecordKey(this.key).filter((home) => home !== parts.self);
    this.#ended = ended;
    this.#endMs = parts.timers.nowMs() + ATTEMPT_MS;
    // It stays in memory, and with it that it is damaged: read again it may be sound, take a write, and be damaged once
    // more, and then what is fetched from before that write must not replace it.
    parts.store.hold(entry);
  }

  start(): void {
    // Without all of them it cannot end well; whoever asks next tries again.
    if (this.#others.every((home) => this.parts.peers.reachable(home))) this.#nextRound();
    else this.#end(0);
  }

  override onReadReply(peer: MemberId, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void {
    if (headOnly || !this.#isAwaited(peer)) return;
    if (code === "DAMAGED" || (code === "OK" && bytes.length > 0 && !isRecord(bytes)))
      this.#damaged.set(peer, { session: this.parts.peers.session(peer), damage: damageOf(bytes) });
    else if (code !== "OK") this.#defer(peer);
    else {
      if (bytes.length > 0) this.#merged = mergeRecords(this.#merged, copyBytes(bytes));
      this.#sound.add(peer);
    }
    this.#settle();
  }

  /** The new run begins before the record counts as known again. */
  onMintable(): void {
    if (this.parts.minter.beginRun() === 0) this.parts.minter.wait(this);
    else this.parts.store.withEntry(this.key, false, this, 0);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damage === this.#damage) this.parts.store.replaceDamaged(entry, this.#merged, this, 0);
    else this.#end(0);
  }

  onCommitted(): void {
    const copies = this.#sound.size;
    const text = `a damaged record was replaced from ${copies} of its ${this.#others.length} other homes`;
    this.parts.events.event("warn", "record-healed", text, { copies, damagedElsewhere: this.#damaged.size });
    this.#end(0);
  }

  /** Who had no room is asked again; in the end whoever waits is told, and asks again. */
  override onTimer(nowMs: number): void {
    if (this.#fetched) return;
    if (nowMs >= this.#endMs) {
      this.#end(0);
      return;
    }
    const busy = [...this.#busy];
    this.#busy.clear();
    for (const home of busy) this.#ask(home);
    if (this.#busy.size === 0) this.parts.timers.at(this, this.#endMs);
  }

  /** Without its answer this cannot end well; whoever asks next tries again. */
  override onPeerDown(peer: MemberId): void {
    if (this.#isAwaited(peer)) this.#end(0);
  }

  /** Its answer may have been on that link. */
  override onBulkDown(peer: MemberId): void {
    if (this.#isAwaited(peer) && !this.#busy.has(peer)) this.#ask(peer);
  }

  #isAwaited(peer: MemberId): boolean {
    if (this.#fetched || this.#done || !this.#others.includes(peer)) return false;
    return !this.#sound.has(peer) && !this.#damaged.has(peer);
  }

  /** Answers to earlier rounds no longer find this operation. */
  #nextRound(): void {
    if (++this.#rounds > ROUNDS_MAX) {
      this.#end(0);
      return;
    }
    this.register();
    this.#sound = new Set();
    this.#damaged = new Map();
    this.#busy.clear();
    this.parts.timers.at(this, this.#endMs);
    for (const home of this.#others) this.#ask(home);
    this.#settle();
  }

  #ask(home: MemberId): void {
    const writer = this.parts.peers.writer(home, "foreground");
    const deadline = this.deadlineClock(Math.max(0, this.#endMs - this.parts.timers.nowMs()));
    // Also what they have not committed yet: with this member's earlier acknowledgement it may become enough.
    if (writer === null) this.#defer(home);
    else encodeRead(writer, this.id, deadline, false, this.key, true);
  }

  #defer(home: MemberId): void {
    this.#busy.add(home);
    this.parts.timers.at(this, Math.min(this.parts.timers.nowMs() + AGAIN_MS, this.#endMs));
  }

  #settle(): void {
    if (this.#fetched || this.#done || this.#sound.size + this.#damaged.size < this.#others.length) return;
    const before = this.#damagedBefore;
    if (this.#damaged.size > 0 && (before === null || !isAmong(this.#damaged, before))) {
      this.#damagedBefore = this.#damaged;
      this.#nextRound();
      return;
    }
    this.#fetched = true;
    if (this.#sound.size > 0) {
      this.onMintable();
      return;
    }
    const text = "a record is damaged at all of its homes; it can only be overwritten or deleted";
    this.parts.events.event("error", "record-lost", text, { homes: this.#others.length + 1 });
    this.#end(this.#damage);
  }

  #end(lost: number): void {
    this.#done = true;
    this.unregister();
    this.parts.store.release(this.#entry);
    this.parts.timers.cancel(this);
    this.#ended();
    for (const resumed of this.resumes) resumed.resume(lost);
  }
}

/** Whether each of these was there before. */
function isAmong(damaged: ReadonlyMap<MemberId, Damage>, before: ReadonlyMap<MemberId, Damage>): boolean {
  for (const [member, { session, damage }] of damaged) {
    const earlier = before.get(member);
    if (damage === 0 || earlier?.damage !== damage || earlier.session !== session) return false;
  }
  return true;
}
