/**
 * One stretch of a walk that compares all homes of all keys: from a storage key on, in rounds. Each round asks every
 * home of some partitions for a page of heads, and goes as far as all of them have looked. What differs is looked at
 * once more a moment later, because a write that is under way is not at all homes at the same time. A home that cannot
 * be asked is named, and the others go on without it.
 *
 * It asks for short pages and rests after each round for twice as long as the round took, so it takes a third of what it
 * could, and less while others are busy; and it keeps nothing: any member goes on from where an answer ended.
 */
import { type Bytes, compareBytes, copyBytes } from "../base/bytes.ts";
import { latin1Decode } from "../base/utf8.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { ScanPageUser } from "../replica/scan-server.ts";
import { homesOf, partitionOfSlot, slotsOfPartition } from "../ring/placement.ts";
import { SLOTS } from "../ring/slot.ts";
import { bucketStart, keyOfRecordKey, slotOfRecordKey, slotStart } from "../storage/keyspace.ts";
import { encodeScan } from "../wire/encode.ts";
import { type ScanRow, readScanRows } from "../wire/scan-rows.ts";
import { type CoordinatorParts, CoordinatorOperation, countFailure } from "./coordination.ts";
import { heldKeys } from "./scan-merge.ts";
import { isSoundPage } from "./scan-page.ts";
import type { KeyDifference, VerifyRequest, VerifyUser } from "./verify.ts";
import { type Comparison, type DifferingKey, compareHomes } from "./verify-compare.ts";

/** Differing keys that one answer names; the others are counted. */
const NAMED_MAX = 64;
/** Members that are asked at a time, unless one partition has more homes. */
const ASKED_MAX = 16;
/** After which what differed is looked at once more. */
const AGAIN_MS = 100;
/** Of a page: what is compared in one turn is waited for by whoever comes meanwhile. */
const ROWS_MAX = 256;
/** How many times as long as a round took it rests after it, and how long at most. */
const REST = 2;
const REST_MS_MAX = 200;
/** Rounds of one answer. */
const ROUNDS_MAX = 256;
/** How much of the time of an answer may pass before a home that has not sent its page is passed over. */
const PATIENCE = 0.25;

type State = "asking" | "resting" | "waiting";

export class VerifyOperation extends CoordinatorOperation implements ScanPageUser {
  readonly #request: VerifyRequest;
  readonly #n: number;
  readonly #user: VerifyUser;
  readonly #tag: number;
  readonly #deadlineMs: number;
  /** Who is not asked any more, and why. */
  readonly #unasked = new Map<MemberId, OutcomeCode>();
  readonly #answers = new Map<MemberId, readonly ScanRow[]>();
  #asked: ReadonlySet<MemberId> = new Set();
  #state: State = "resting";
  readonly #began: Bytes;
  #from: Bytes;
  /** How far the round goes: before this slot, and before this storage key if there is one. */
  #slotEnd = 0;
  #end: Bytes | null = null;
  #round = 0;
  #roundBeganMs = 0;
  #stretch = 1;
  /** What differed at the first look; null: this is the first. */
  #suspects: ReadonlySet<string> | null = null;
  #keys = 0;
  #compared = 0;
  #different = 0;
  readonly #differences: KeyDifference[] = [];
  #done = false;

  constructor(parts: CoordinatorParts, request: VerifyRequest, n: number, user: VerifyUser, tag: number) {
    super(parts);
    this.#request = request;
    this.#n = n;
    this.#user = user;
    this.#tag = tag;
    this.#deadlineMs = parts.timers.nowMs() + request.timeoutMs;
    this.#began = request.from ?? bucketStart(0, 0, request.namespace);
    this.#from = this.#began;
  }

  start(): void {
    this.parts.scanning.count++;
    this.#beginRound();
  }

  override onScanned(peer: MemberId, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    this.#take(peer, code, next, rows);
  }

  /** This member's own page. */
  onScanPage(round: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    if (round === this.#round) this.#take(this.parts.self, code, next, rows);
  }

  override onPeerDown(peer: MemberId): void {
    if (this.#isAwaited(peer)) this.#lose([peer], "QUORUM");
  }

  override onTimer(nowMs: number): void {
    if (this.#state === "asking") {
      const late = [...this.#asked].filter((member) => this.#isAwaited(member));
      if (nowMs >= this.#deadlineMs) this.#stop();
      else this.#lose(late, "TIMEOUT");
    } else this.#beginRound();
  }

  #isAwaited(member: MemberId): boolean {
    return this.#state === "asking" && this.#asked.has(member) && !this.#answers.has(member);
  }

  #beginRound(): void {
    this.#round++;
    this.#roundBeganMs = this.parts.timers.nowMs();
    this.#plan();
    this.#ask();
  }

  /** Whose homes are asked next: some partitions, all homes of each. */
  #plan(): void {
    const { topology } = this.parts;
    const count = topology.preferenceLists.length;
    const members = new Set<MemberId>();
    let slotEnd = slotOfRecordKey(this.#from);
    for (let i = 0; i < this.#stretch && slotEnd < SLOTS; i++) {
      const partition = partitionOfSlot(slotEnd, count);
      const homes = homesOf(topology, this.#n, partition);
      if (i > 0 && new Set([...members, ...homes]).size > ASKED_MAX) break;
      for (const home of homes) members.add(home);
      slotEnd = slotsOfPartition(partition, count).last + 1;
    }
    this.#slotEnd = slotEnd;
    this.#asked = members;
  }

  /** Asks those of the round who can be asked. */
  #ask(): void {
    const { timers, self, peers } = this.parts;
    this.#state = "asking";
    this.#answers.clear();
    this.#end = null;
    this.register();
    const able = [...this.#asked].filter((member) => !this.#unasked.has(member));
    for (const member of able)
      if (member !== self && !peers.reachable(member)) this.#unasked.set(member, "QUORUM");
    this.#asked = new Set(able.filter((member) => !this.#unasked.has(member)));
    timers.at(this, Math.min(timers.nowMs() + PATIENCE * this.#request.timeoutMs, this.#deadlineMs));
    for (const member of this.#asked) {
      const code = this.#askOne(member);
      if (code === "OK") continue;
      this.#lose([member], code);
      return;
    }
    this.#settle();
  }

  #askOne(member: MemberId): OutcomeCode {
    const { self, scans, peers, limits } = this.parts;
    const { namespace } = this.#request;
    const rows = Math.min(ROWS_MAX, limits.scanPageRowsMax);
    const page = { namespace, from: this.#from, to: slotStart(this.#slotEnd), rows };
    if (member === self) return scans.read(page, this, this.#round);
    const writer = peers.writer(member, "foreground");
    if (writer === null) return "QUORUM";
    const deadline = this.deadlineClock(PATIENCE * this.#request.timeoutMs);
    encodeScan(writer, this.id, deadline, namespace, rows, this.#slotEnd, this.#from);
    return "OK";
  }

  #take(member: MemberId, code: OutcomeCode, next: Bytes, bytes: Bytes): void {
    if (!this.#isAwaited(member)) return;
    const rows = code === "OK" ? readScanRows(copyBytes(bytes), this.parts.limits.scanPageRowsMax) : null;
    const range = { namespace: this.#request.namespace, from: this.#from, slotEnd: this.#slotEnd };
    if (rows === null || !isSoundPage(range, rows, next)) {
      this.#lose([member], code === "OK" ? "DAMAGED" : code);
      return;
    }
    this.#answers.set(member, rows);
    if (next.length > 0 && (this.#end === null || compareBytes(next, this.#end) < 0))
      this.#end = copyBytes(next);
    this.#settle();
  }

  /** The round begins anew without them. */
  #lose(members: readonly MemberId[], code: OutcomeCode): void {
    for (const member of members) this.#unasked.set(member, code);
    this.#round++;
    this.#ask();
  }

  #settle(): void {
    if (this.#answers.size < this.#asked.size) return;
    const keys = heldKeys(this.#answers, this.#end, (key) => this.parts.placement.homesOfRecordKey(key));
    const found = compareHomes(keys, this.#asked);
    this.#answers.clear();
    const { timers } = this.parts;
    if (this.#suspects !== null || found.differing.length === 0) {
      this.#accept(found);
      return;
    }
    if (timers.nowMs() + AGAIN_MS >= this.#deadlineMs) {
      this.#stop();
      return;
    }
    this.#suspects = new Set(found.differing.map(({ storageKey }) => latin1Decode(storageKey)));
    this.#state = "waiting";
    timers.after(this, AGAIN_MS);
  }

  #accept({ keys, compared, differing }: Comparison): void {
    const suspects = this.#suspects;
    this.#suspects = null;
    this.#keys += keys;
    this.#compared += compared;
    for (const each of differing) if (suspects?.has(latin1Decode(each.storageKey)) === true) this.#note(each);
    if (this.#end === null) {
      this.#stretch *= 2;
      this.#from = bucketStart(this.#slotEnd, 0, this.#request.namespace);
    } else this.#from = this.#end;
    const isOver = slotOfRecordKey(this.#from) >= SLOTS;
    const isLong = this.#round >= ROUNDS_MAX || this.parts.timers.nowMs() >= this.#deadlineMs;
    const isFull = this.#keys >= this.#request.count || this.#differences.length >= NAMED_MAX;
    if (isOver || isLong || isFull) this.#finish("OK");
    else this.#rest();
  }

  #note({ storageKey, groups, missing, damaged }: DifferingKey): void {
    this.#different++;
    if (this.#differences.length >= NAMED_MAX) return;
    this.#differences.push({ key: copyBytes(keyOfRecordKey(storageKey)), groups, missing, damaged });
  }

  #rest(): void {
    const { timers } = this.parts;
    const tookMs = timers.nowMs() - this.#roundBeganMs;
    this.#state = "resting";
    timers.after(this, Math.max(1, Math.min(REST_MS_MAX, REST * tookMs)));
  }

  /** There is no time left; what has been done before is an answer. */
  #stop(): void {
    this.#finish(compareBytes(this.#from, this.#began) > 0 ? "OK" : "TIMEOUT");
  }

  #finish(code: OutcomeCode): void {
    if (this.#done) return;
    this.#done = true;
    this.parts.scanning.count--;
    this.unregister();
    this.parts.timers.cancel(this);
    if (code !== "OK") countFailure(this.parts.counters, code);
    const unasked = [...this.#unasked].map(([member, why]) => ({ member, code: why }));
    this.#user.onVerified(this.#tag, {
      code,
      keys: this.#keys,
      compared: this.#compared,
      different: this.#different,
      differences: this.#differences,
      unasked: unasked.toSorted((a, b) => a.member - b.member),
      next: slotOfRecordKey(this.#from) >= SLOTS ? null : this.#from,
    });
  }
}
