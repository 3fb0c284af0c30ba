/**
 * One call of a scan: from a cursor on, in rounds. Each round asks a majority of the homes of a stretch of partitions
 * for a page, and goes as far as all of them have looked. Stretches double while they turn out empty, and rounds are
 * counted, so a call ends soon whether it meets keys, tombstones or nothing. A home that is lost, slow or cannot read
 * its disk is replaced by another; where there is none, the call ends before it: with what it has, or else in failure.
 */
import { type Bytes, compareBytes, copyBytes } from "../base/bytes.ts";
import { latin1Decode } from "../base/utf8.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { QUORUM, homesNeeded } from "../quorum/needed.ts";
import type { ScanPageUser } from "../replica/scan-server.ts";
import { bucketStart, keyOfRecordKey, slotOfRecordKey, slotStart } from "../storage/keyspace.ts";
import { liveWinnerOf } from "../version/last-writer.ts";
import { hasLive } from "../version/record.ts";
import { encodeScan } from "../wire/encode.ts";
import { type ScanRow, readScanRows } from "../wire/scan-rows.ts";
import { GetOperation } from "./get-operation.ts";
import { type CoordinatorParts, CoordinatorOperation, countFailure } from "./coordination.ts";
import type { GetResult, GetUser, ScanRequest, ScanUser } from "./request.ts";
import { ScanCollector } from "./scan-collector.ts";
import {
  bucketOf,
  hashOfBucket,
  placeOfCursor,
  slotBucket,
  slotCursor,
  slotOfBucket,
} from "./scan-cursor.ts";
import { type ScannedKey, mergeScanned } from "./scan-merge.ts";
import { isSoundPage } from "./scan-page.ts";
import { type ScanPlan, planScan } from "./scan-plan.ts";

/** Asked for beyond the keys wanted: the last bucket of a page is not known to its end. */
const SPARE_ROWS = 16;
/** Of one answer, about: a face matches a pattern against all of it in one turn. */
const KEY_BYTES_MAX = 64 * 1024;
/** A page takes longer than a record, so it is hedged later. */
const HEDGE_FACTOR = 8;

export class ScanOperation extends CoordinatorOperation implements ScanPageUser, GetUser {
  readonly #request: ScanRequest;
  readonly #n: number;
  readonly #user: ScanUser;
  readonly #tag: number;
  readonly #deadlineMs: number;
  readonly #collector: ScanCollector;
  /** Cannot be asked in this call any more. */
  readonly #lost = new Set<MemberId>();
  /** Asked only when there is no other way. */
  readonly #slow = new Set<MemberId>();
  readonly #answers = new Map<MemberId, readonly ScanRow[]>();
  #asked: ReadonlySet<MemberId> = new Set();
  /** All before it is done. */
  #from: Bytes;
  /** How far the round goes: before this slot, and before this storage key if there is one. */
  #slotEnd = 0;
  #end: Bytes | null = null;
  #round = 0;
  #rows: number;
  #stretch = 1;
  #found: ScannedKey[] = [];
  #at = 0;
  /** Why a home was lost, if not because it cannot be reached. */
  #lossCode: OutcomeCode = "QUORUM";
  #isMerged = false;
  #done = false;

  constructor(parts: CoordinatorParts, request: ScanRequest, n: number, user: ScanUser, tag: number) {
    super(parts);
    const { limits, timers } = parts;
    this.#request = request;
    this.#n = n;
    this.#user = user;
    this.#tag = tag;
    this.#deadlineMs = timers.nowMs() + request.timeoutMs;
    this.#collector = new ScanCollector(
      request.cursor,
      request.count,
      KEY_BYTES_MAX,
      limits.scanBucketKeysMax,
    );
    const { bucket } = placeOfCursor(request.cursor);
    this.#from = bucketStart(slotOfBucket(bucket), hashOfBucket(bucket), request.namespace);
    this.#rows = Math.min(request.count + SPARE_ROWS, limits.scanPageRowsMax);
  }

  start(): void {
    this.parts.scanning.count++;
    if (slotOfRecordKey(this.#from) >= this.#request.slotEnd) this.#finish("OK", "");
    else this.#nextRound();
  }

  override onScanned(peer: MemberId, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    this.#take(peer, code, next, rows);
  }

  /** This member's own page. */
  onScanPage(round: number, code: OutcomeCode, next: Bytes, rows: Bytes): void {
    if (round === this.#round) this.#take(this.parts.self, code, next, rows);
  }

  override onPeerDown(peer: MemberId): void {
    if (this.#isAwaited(peer)) this.#lose(peer, "QUORUM");
  }

  override onPeerSilent(peer: MemberId): void {
    if (this.#isAwaited(peer)) this.#goAround([peer]);
  }

  override onTimer(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) {
      this.#giveUp(
        "TIMEOUT",
        `the scan did not get on within ${this.#request.timeoutMs} ms; nothing is lost`,
      );
      return;
    }
    const waiting = [...this.#asked].filter((member) => this.#isAwaited(member));
    if (waiting.length > 0 && this.#goAround(waiting)) return;
    this.#setTimer();
  }

  /** What a quorum of homes says of a key whose record is damaged at one of them. */
  onGet(_tag: number, result: GetResult): void {
    if (this.#done) return;
    const found = this.#found[this.#at++];
    if (result.code !== "OK") {
      if (found !== undefined) this.#collector.reach(bucketOf(found.storageKey));
      this.#giveUp(result.code, found === undefined ? result.text : damagedText(found.storageKey));
      return;
    }
    if (found !== undefined && result.newestLive() !== null) this.#collector.offer(found.storageKey);
    this.#decide();
  }

  #isAwaited(member: MemberId): boolean {
    return !this.#done && !this.#isMerged && this.#asked.has(member) && !this.#answers.has(member);
  }

  #plan(avoidSlow: boolean): ScanPlan {
    const { topology, peers, self } = this.parts;
    const slot = slotOfRecordKey(this.#from);
    return planScan(topology, this.#n, slot, this.#request.slotEnd, this.#stretch, (member) => {
      if (this.#lost.has(member) || (avoidSlow && this.#slow.has(member))) return Infinity;
      if (member === self) return -1;
      return peers.reachable(member) ? peers.roundTripMs(member) : Infinity;
    });
  }

  #nextRound(): void {
    const slot = slotOfRecordKey(this.#from);
    let plan = this.#plan(true);
    if (plan.slotEnd === slot) plan = this.#plan(false);
    if (plan.slotEnd === slot) {
      const { able, needed } = plan;
      const text = `only ${able} of the ${needed} homes needed for slot ${slot} can be asked; go on from the same cursor later`;
      this.#giveUp(this.#lossCode, this.#lossCode === "QUORUM" ? text : "");
      return;
    }
    this.#round++;
    this.#answers.clear();
    this.#asked = plan.members;
    this.#slotEnd = plan.slotEnd;
    this.#end = null;
    this.#isMerged = false;
    this.register();
    this.#setTimer();
    const round = this.#round;
    for (const member of plan.members) {
      const code = this.#ask(member);
      if (code !== "OK") this.#lose(member, code);
      // A member that could not be asked has begun another round.
      if (this.#done || this.#round !== round) return;
    }
  }

  #ask(member: MemberId): OutcomeCode {
    const { self, scans, peers } = this.parts;
    const { namespace } = this.#request;
    const page = { namespace, from: this.#from, to: slotStart(this.#slotEnd), rows: this.#rows };
    if (member === self) return scans.read(page, this, this.#round);
    const writer = peers.writer(member, "foreground");
    if (writer === null) return "QUORUM";
    const deadline = this.deadlineClock(this.#deadlineMs - this.parts.timers.nowMs());
    encodeScan(writer, this.id, deadline, namespace, this.#rows, this.#slotEnd, this.#from);
    return "OK";
  }

  #setTimer(): void {
    const { timers, limits } = this.parts;
    const hedgeMs = timers.nowMs() + HEDGE_FACTOR * limits.readHedgeMs;
    timers.at(this, Math.min(hedgeMs, this.#deadlineMs));
  }

  #take(member: MemberId, code: OutcomeCode, next: Bytes, bytes: Bytes): void {
    if (!this.#isAwaited(member)) return;
    if (code !== "OK") {
      this.#lose(member, code);
      return;
    }
    const rows = readScanRows(copyBytes(bytes), this.#rows);
    const range = { namespace: this.#request.namespace, from: this.#from, slotEnd: this.#slotEnd };
    if (rows === null || !isSoundPage(range, rows, next)) {
      this.#lose(member, "DAMAGED");
      return;
    }
    this.#answers.set(member, rows);
    if (next.length > 0 && (this.#end === null || compareBytes(next, this.#end) < 0))
      this.#end = copyBytes(next);
    if (this.#answers.size === this.#asked.size) this.#merge();
  }

  /** A home has failed: the round begins anew without it. */
  #lose(member: MemberId, code: OutcomeCode): void {
    if (code === "DAMAGED" || (code === "OVERLOADED" && this.#lossCode === "QUORUM")) this.#lossCode = code;
    this.#lost.add(member);
    this.#nextRound();
  }

  /** Asks others in the place of slow homes, if there are others. */
  #goAround(slow: readonly MemberId[]): boolean {
    for (const member of slow) this.#slow.add(member);
    if (this.#plan(true).slotEnd === slotOfRecordKey(this.#from)) return false;
    this.#nextRound();
    return true;
  }

  #merge(): void {
    this.#isMerged = true;
    this.#found = mergeScanned(this.#answers, this.#end, (key) => this.parts.placement.homesOfRecordKey(key));
    this.#answers.clear();
    this.#at = 0;
    this.#decide();
  }

  #decide(): void {
    // The latest of the clocks that took part: that of every frame is adopted on arrival.
    const nowMs = this.parts.clock.nowMs();
    for (; this.#at < this.#found.length; this.#at++) {
      const found = this.#found[this.#at];
      if (found === undefined) continue;
      if (found.damaged) {
        this.#askAgain(found.storageKey);
        return;
      }
      if (this.#isLive(found.head, nowMs)) this.#collector.offer(found.storageKey);
      if (this.#collector.isFull) break;
    }
    this.#advance();
  }

  #isLive(head: Bytes | null, nowMs: number): boolean {
    const isLww = this.parts.placement.policyOf(this.#request.namespace) === "lww";
    return isLww ? liveWinnerOf(head, nowMs) !== null : hasLive(head, nowMs);
  }

  #askAgain(storageKey: Bytes): void {
    const homes = this.parts.placement.homesOfRecordKey(storageKey);
    const request = {
      namespace: this.#request.namespace,
      key: keyOfRecordKey(storageKey),
      r: QUORUM,
      headOnly: true,
      repair: "none",
      timeoutMs: Math.max(1, this.#deadlineMs - this.parts.timers.nowMs()),
    } as const;
    const r = homesNeeded(QUORUM, homes.length);
    new GetOperation(this.parts, request, storageKey, homes, r, this, 0).start();
  }

  /** The round is over: ends the call, or begins the next round. */
  #advance(): void {
    const collector = this.#collector;
    const end = this.#end;
    if (end === null) collector.reach(slotBucket(this.#slotEnd));
    else collector.reach(bucketOf(end));
    if (collector.isCrowded) {
      const { scanBucketKeysMax } = this.parts.limits;
      const text = `more than ${scanBucketKeysMax} keys in slot ${slotOfBucket(placeOfCursor(collector.cursor).bucket)} have the same hash, the limit (scanBucketKeysMax)`;
      this.#finish("LIMIT", text);
      return;
    }
    const isOver = end === null && this.#slotEnd >= this.#request.slotEnd;
    const isLong = this.#round >= this.parts.limits.scanRoundsMax && collector.hasMoved;
    if (collector.isFull || isOver || isLong) {
      this.#finish("OK", "");
      return;
    }
    if (end === null) {
      this.#from = bucketStart(this.#slotEnd, 0, this.#request.namespace);
      this.#stretch *= 2;
    } else this.#from = end;
    this.#rows = Math.min(
      Math.max(2 * this.#rows, collector.wanted + SPARE_ROWS),
      this.parts.limits.scanPageRowsMax,
    );
    this.#nextRound();
  }

  /** What has been found is an answer; with nothing found and no step made, there is none. */
  #giveUp(code: OutcomeCode, text: string): void {
    if (this.#collector.hasMoved) this.#finish("OK", "");
    else this.#finish(code, text);
  }

  #finish(code: OutcomeCode, text: string): void {
    if (this.#done) return;
    this.#done = true;
    this.parts.scanning.count--;
    this.unregister();
    this.parts.timers.cancel(this);
    if (code !== "OK") countFailure(this.parts.counters, code);
    const { cursor, keys } = this.#collector;
    const isOver = cursor >= slotCursor(this.#request.slotEnd);
    const result = { code, text, keys: code === "OK" ? keys : [], cursor: isOver ? 0 : cursor };
    this.#user.onScanned(this.#tag, result);
  }
}

/** How much of a key is told. */
const TOLD_BYTES = 64;

/** Whether the key is there cannot be told, and the scan goes no further before it can. */
function damagedText(storageKey: Bytes): string {
  const key = latin1Decode(keyOfRecordKey(storageKey).subarray(0, TOLD_BYTES));
  const shown = key.replaceAll(/[^\u0021-\u007e]/g, "?");
  return `the record of key "${shown}" is damaged, and too few of its other homes can be asked; go on when they are back, or overwrite or delete the key`;
}
