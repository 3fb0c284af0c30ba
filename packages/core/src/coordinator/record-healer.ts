/**
 * A damaged record is fetched from the key's other homes, merged, and begins a new run of this member, because what
 * it minted for the key may be forgotten. All other homes must answer: what only this member and one other held
 * must not be taken for lost while that one is away.
 */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { ByteMap, type ByteKeyed, keyHash } from "../base/byte-map.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { MintWaiter } from "../replica/minter.ts";
import type { Healer, Resumable } from "../replica/replica.ts";
import type { KeyEntry, RecordUser } from "../storage/record-store.ts";
import { isRecord } from "../version/record.ts";
import { mergeRecords } from "../version/reconcile.ts";
import { encodeRead } from "../wire/encode.ts";
import { type CoordinatorParts, Operation } from "./operation.ts";

const ATTEMPT_MS = 2_000;

export class RecordHealer implements Healer {
  readonly #parts: () => CoordinatorParts;
  readonly #healing = new ByteMap<HealOperation>();

  /** The parts hold the healer, so they come when there is something to heal. */
  constructor(parts: () => CoordinatorParts) {
    this.#parts = parts;
  }

  heal(key: Bytes, resumed: Resumable | null): void {
    const hash = keyHash(key);
    let operation = this.#healing.get(key, hash);
    const fresh = operation === null;
    operation ??= new HealOperation(this.#parts(), key, hash, () => this.#healing.delete(key, hash));
    if (resumed !== null) {
      if (operation.resumes.length >= this.#parts().limits.healWaitersMax) {
        resumed.resume(false);
        return;
      }
      operation.resumes.push(resumed);
    }
    if (!fresh) return;
    this.#healing.set(operation);
    operation.start();
  }
}

class HealOperation extends Operation implements ByteKeyed, RecordUser, MintWaiter {
  readonly key: Bytes;
  readonly hash: number;
  readonly resumes: Resumable[] = [];
  readonly #others: readonly MemberId[];
  readonly #sound = new Set<MemberId>();
  readonly #damaged = new Set<MemberId>();
  readonly #ended: () => void;
  /** Stays in memory, and with it that it is damaged: a write in the meantime must not be replaced by what is fetched. */
  #held: KeyEntry | null = null;
  #merged: Bytes | null = null;
  #fetched = false;

  constructor(parts: CoordinatorParts, key: Bytes, hash: number, ended: () => void) {
    super(parts);
    this.key = key;
    this.hash = hash;
    this.#others = parts.placement.homesOfRecordKey(key).filter((home) => home !== parts.self);
    this.#ended = ended;
  }

  start(): void {
    // Without all of them it cannot end well; whoever asks next tries again.
    if (!this.#others.every((home) => this.parts.peers.reachable(home))) {
      this.#end(false);
      return;
    }
    this.register();
    this.#held = this.parts.store.peek(this.key);
    if (this.#held !== null) this.#held.shown++;
    this.parts.timers.after(this, ATTEMPT_MS);
    const deadline = this.deadlineClock(ATTEMPT_MS);
    for (const home of this.#others) {
      const writer = this.parts.peers.writer(home, "foreground");
      // Also what they have not committed yet: with this member's earlier acknowledgement it may become enough.
      if (writer !== null) encodeRead(writer, this.id, deadline, false, this.key, true);
    }
    this.#settle();
  }

  override onReadReply(peer: MemberId, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void {
    if (headOnly || !this.#others.includes(peer) || this.#fetched || this.#sound.has(peer)) return;
    if (code === "DAMAGED" || (bytes.length > 0 && !isRecord(bytes))) this.#damaged.add(peer);
    else if (code === "OK") {
      if (bytes.length > 0) this.#merged = mergeRecords(this.#merged, copyBytes(bytes));
      this.#damaged.delete(peer);
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
    if (entry.damaged) this.parts.store.replaceDamaged(entry, this.#merged, this, 0);
    else this.#end(false);
  }

  onCommitted(): void {
    const copies = this.#sound.size;
    const text = `a damaged record was replaced from ${copies} of its ${this.#others.length} other homes`;
    this.parts.events.event("warn", "record-healed", text, { copies, damagedElsewhere: this.#damaged.size });
    this.#end(false);
  }

  /** Not all homes have answered: whoever waits is told, and asks again. */
  override onTimer(): void {
    if (!this.#fetched) this.#end(false);
  }

  /** Without its answer this cannot end well; whoever asks next tries again. */
  override onPeerDown(peer: MemberId): void {
    const isAwaited = this.#others.includes(peer) && !this.#sound.has(peer) && !this.#damaged.has(peer);
    if (isAwaited && !this.#fetched) this.#end(false);
  }

  /** A home whose own copy is damaged has answered too: what it held is lost there, and waiting brings nothing back. */
  #settle(): void {
    if (this.#fetched || this.#sound.size + this.#damaged.size < this.#others.length) return;
    this.#fetched = true;
    if (this.#sound.size > 0) {
      this.onMintable();
      return;
    }
    const text = "a record is damaged at all of its homes; it can only be overwritten or deleted";
    this.parts.events.event("error", "record-lost", text, { homes: this.#others.length + 1 });
    this.#end(true);
  }

  #end(hopeless: boolean): void {
    this.unregister();
    if (this.#held !== null) this.#held.shown--;
    this.#held = null;
    this.parts.timers.cancel(this);
    this.#ended();
    for (const resumed of this.resumes) resumed.resume(hopeless);
  }
}
