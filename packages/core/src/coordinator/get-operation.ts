/**
 * One read. The first home asked sends the whole record, the others their heads; when the heads agree that is the
 * answer. Where they differ the values behind the newer heads are fetched, and the merge is the answer. A home that
 * is slow, lost or damaged is replaced by another. Homes that had less are sent the rest, after the answer or, for who
 * asks so, before it.
 */
import { type Bytes, bytesEqual, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch } from "../model/topology.ts";
import { ReadQuorum } from "../quorum/read-quorum.ts";
import { laneFor } from "../replica/peers.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { Version } from "../version/dot.ts";
import { msOfHlc } from "../version/hlc.ts";
import { isHead, isHeadOnly, isRecord } from "../version/record.ts";
import { mergeRecords, sameRecord, supersedes } from "../version/reconcile.ts";
import { encodeRead } from "../wire/encode.ts";
import { type CoordinatorParts, CoordinatorOperation, countFailure } from "./coordination.ts";
import { HomeRepair, type HomeRepairUser } from "./home-repair.ts";
import { liveVersionOf, readToken, shownVersions } from "./read-answer.ts";
import type { GetRequest, GetResult, GetUser } from "./request.ts";

export class GetOperation extends CoordinatorOperation implements GetResult, RecordUser, HomeRepairUser {
  code: OutcomeCode = "OK";
  text = "";
  readonly r: number;
  nowMs = 0;
  readonly #request: GetRequest;
  readonly #user: GetUser;
  readonly #tag: number;
  readonly #key: Bytes;
  readonly #homes: readonly MemberId[];
  readonly #quorum: ReadQuorum;
  /** What each home answered: a record or head (see `isHeadOnly`), null for none. */
  readonly #answers: (Bytes | null)[];
  readonly #deadlineMs: number;
  readonly #lww: boolean;
  #askedMask = 0;
  #askedWholeMask = 0;
  #damaged = false;
  #hedgeMs: number;
  /** The hedge has fired: values are asked of every home that has them, not of one. */
  #isLate = false;
  /** Homes that had no room for the answer, or for the question: they are asked again with the next hedge. */
  #lostMask = 0;
  #starting = false;
  #done = false;
  #record: Bytes | null = null;
  #divergent = false;
  /** What was last sent to each home before the answer, and why one of them could not be brought to it. */
  readonly #sent: (Bytes | null)[];
  #unrepaired: OutcomeCode = "OK";

  constructor(
    parts: CoordinatorParts,
    request: GetRequest,
    storageKey: Bytes,
    homes: readonly MemberId[],
    r: number,
    user: GetUser,
    tag: number,
  ) {
    super(parts);
    this.#request = request;
    this.#user = user;
    this.#tag = tag;
    this.#key = storageKey;
    this.#homes = homes;
    this.r = r;
    this.#quorum = new ReadQuorum(homes.length, r);
    this.#answers = new Array<Bytes | null>(homes.length).fill(null);
    this.#sent = new Array<Bytes | null>(homes.length).fill(null);
    this.#deadlineMs = parts.timers.nowMs() + request.timeoutMs;
    this.#lww = parts.placement.policyOf(request.namespace) === "lww";
    this.#hedgeMs = parts.limits.readHedgeMs;
  }

  get answered(): readonly MemberId[] {
    return this.#quorum.answered.map((position) => this.#homes[position] ?? 0);
  }

  get epoch(): Epoch {
    return this.parts.topology.epoch;
  }

  /** The merged record, for those inside: all versions, under `lww` too; null: none. */
  get record(): Bytes | null {
    return this.#record;
  }

  start(): void {
    const candidates = this.#candidates();
    if (candidates.length < this.r) {
      this.#finish("QUORUM", `only ${candidates.length} of the ${this.r} homes asked for can be reached`);
      return;
    }
    this.register();
    this.parts.timers.after(this, Math.min(this.#hedgeMs, this.#request.timeoutMs));
    this.#starting = true;
    for (let i = 0; i < this.r; i++) this.#ask(candidates[i] ?? 0, i === 0 && !this.#request.headOnly);
    this.#starting = false;
    this.#settle();
  }

  newestLive(): Version | null {
    return liveVersionOf(this.#record, this.#lww, this.nowMs);
  }

  versions(): Version[] {
    return shownVersions(this.#record, this.#lww);
  }

  token(): string {
    const scope = { cluster: this.parts.clusterHash, namespace: this.#request.namespace };
    return readToken(this.#record, this.#lww, scope, this.#request.key);
  }

  override onTimer(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) {
      this.#finish("TIMEOUT", `${this.#shortfall()} within ${this.#request.timeoutMs} ms`);
      return;
    }
    // Somebody is slow. Ask everybody else, now and again later: another may turn slow between head and values.
    this.#hedgeMs *= 2;
    this.parts.timers.at(this, Math.min(nowMs + this.#hedgeMs, this.#deadlineMs));
    this.#isLate = true;
    for (const position of this.#candidates()) {
      if (this.#done) break;
      const isFresh = (this.#askedMask & (1 << position)) === 0;
      const isLost = (this.#lostMask & (1 << position)) !== 0;
      if (isFresh || (isLost && this.#isAwaited(position))) this.#ask(position, this.#wantsWhole());
    }
    this.#settle();
  }

  onEntry(position: number, entry: KeyEntry): void {
    if (this.#done) return;
    if (entry.damaged) {
      this.parts.healer.heal(entry, null);
      this.#fail(position, "DAMAGED");
    } else this.#answer(position, entry.committed);
    this.#settle();
  }

  onCommitted(): void {
    // A read appends nothing.
  }

  override onReadReply(peer: MemberId, code: OutcomeCode, headOnly: boolean, bytes: Bytes): void {
    const position = this.#homes.indexOf(peer);
    if (position < 0) return;
    if (code === "OVERLOADED") {
      this.#lostMask |= 1 << position;
      return;
    }
    const sound = bytes.length === 0 || (headOnly ? isHead(bytes) : isRecord(bytes));
    if (code !== "OK" || !sound) this.#fail(position, code === "OK" ? "DAMAGED" : code);
    else this.#answer(position, bytes.length === 0 ? null : copyBytes(bytes));
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    const position = this.#homes.indexOf(peer);
    if (position < 0 || !this.#isAwaited(position)) return;
    this.#fail(position, "QUORUM");
    this.#settle();
  }

  /** Its answer may have been on that link. Asking again costs little, and the answer comes on the other. */
  override onBulkDown(peer: MemberId): void {
    const position = this.#homes.indexOf(peer);
    if (this.#done || position < 0 || !this.#isAwaited(position)) return;
    this.#ask(position, (this.#askedWholeMask & (1 << position)) !== 0);
    this.#settle();
  }

  /** Positions of the homes that can be asked: this member first, then by round trip. */
  #candidates(): number[] {
    const { self, peers } = this.parts;
    const positions: number[] = [];
    for (let i = 0; i < this.#homes.length; i++) {
      const home = this.#homes[i] ?? 0;
      if (home === self || peers.reachable(home)) positions.push(i);
    }
    const cost = (position: number): number => {
      const home = this.#homes[position] ?? 0;
      return home === self ? -1 : peers.roundTripMs(home);
    };
    return positions.sort((a, b) => cost(a) - cost(b) || a - b);
  }

  #ask(position: number, whole: boolean): void {
    const { parts } = this;
    const home = this.#homes[position] ?? 0;
    this.#askedMask |= 1 << position;
    this.#lostMask &= ~(1 << position);
    if (whole) this.#askedWholeMask |= 1 << position;
    if (home === parts.self) {
      parts.store.withEntry(this.#key, whole, this, position);
      return;
    }
    const writer = parts.peers.writer(home, "foreground");
    if (writer === null) {
      this.#fail(position, "QUORUM");
      return;
    }
    const deadline = this.deadlineClock(this.#deadlineMs - parts.timers.nowMs());
    encodeRead(writer, this.id, deadline, !whole, this.#key);
  }

  #answer(position: number, record: Bytes | null): void {
    const held = this.#answers[position] ?? null;
    if (this.#quorum.hasAnswered(position) && held !== null && !isHeadOnly(held)) return;
    this.#answers[position] = record;
    this.#quorum.addAnswer(position);
  }

  #fail(position: number, code: OutcomeCode): void {
    if (code === "DAMAGED") this.#damaged = true;
    this.#answers[position] = null;
    this.#quorum.addFailure(position);
  }

  /** A home without a whole record among the answers must send one. */
  #wantsWhole(): boolean {
    if (this.#request.headOnly) return false;
    const answered = this.#quorum.answered;
    return (
      !answered.some((position) => this.#isWholeAt(position)) ||
      answered.some((position) => this.#isWanted(position))
    );
  }

  #isWholeAt(position: number): boolean {
    const answer = this.#answers[position] ?? null;
    return answer === null || !isHeadOnly(answer);
  }

  /** Whether this home has been asked for something that it has not sent. */
  #isAwaited(position: number): boolean {
    if ((this.#askedMask & (1 << position)) === 0) return false;
    return !this.#quorum.hasAnswered(position) || this.#isWanted(position);
  }

  /** Whether the values behind this home's head have been asked for and have not come. */
  #isWanted(position: number): boolean {
    return (this.#askedWholeMask & (1 << position)) !== 0 && !this.#isWholeAt(position);
  }

  #settle(): void {
    if (this.#done || this.#starting) return;
    if (this.#quorum.state === "reached") this.#conclude();
    if (this.#done || this.#quorum.state === "reached") return;
    // Whoever can be reached has been asked; nobody waits for a home that nobody waits for.
    if (this.#replaceFailed() >= this.r && this.#quorum.state !== "impossible") return;
    if (this.#done) return;
    if (this.#damaged) this.#finish("DAMAGED", "");
    else this.#finish("QUORUM", this.#shortfall());
  }

  /** What is missing, in words. */
  #shortfall(): string {
    const held = this.#sent.some((record) => record !== null);
    if (!held) return `only ${this.#quorum.answered.length} of the ${this.r} homes asked for answered`;
    const why = this.#unrepaired === "OK" ? "" : ` (${this.#unrepaired})`;
    return `not all of the ${this.r} homes asked for could be brought to what was read${why}`;
  }

  /** Asks as many other homes as have failed. How many have answered or may yet. */
  #replaceFailed(): number {
    let open = 0;
    for (let i = 0; i < this.#homes.length; i++)
      if ((this.#askedMask & (1 << i)) !== 0 && !this.#quorum.hasFailed(i)) open++;
    if (open >= this.r) return open;
    for (const position of this.#candidates()) {
      if (this.#done || open >= this.r) break;
      if ((this.#askedMask & (1 << position)) !== 0) continue;
      this.#ask(position, this.#wantsWhole());
      if (!this.#quorum.hasFailed(position)) open++;
    }
    return open;
  }

  /** Enough have answered: either their records make one, or values are still to be fetched. */
  #conclude(): void {
    let merged: Bytes | null = null;
    let divergent = false;
    const answered = this.#quorum.answered;
    const first = this.#answers[answered[0] ?? 0] ?? null;
    for (const position of answered) {
      const answer = this.#answers[position] ?? null;
      if (!sameRecord(first, answer)) divergent = true;
      if (this.#request.headOnly || this.#isWholeAt(position)) {
        merged = divergent ? mergeRecords(merged, answer) : (answer ?? merged);
      }
    }
    if (!this.#request.headOnly && this.#fetchMissing(merged)) return;
    if (this.#done || this.#quorum.state !== "reached") return;
    if (divergent && !this.#divergent) this.parts.counters.divergentReads++;
    this.#divergent ||= divergent;
    this.#record = merged;
    if (this.#request.repair === "before" && this.#bringLevel()) return;
    this.#finish("OK", "");
  }

  /** Positions of the homes that answered with less than all of them together. */
  #behind(): number[] {
    if (this.#request.headOnly || this.#record === null) return [];
    const record = this.#record;
    return this.#quorum.answered.filter((position) => !sameRecord(this.#answers[position] ?? null, record));
  }

  /** Sends what was found to homes that had less, unless enough have it. True: the answer waits for them. */
  #bringLevel(): boolean {
    const { parts } = this;
    const record = this.#record;
    const behind = this.#behind();
    if (record === null || this.#quorum.answered.length - behind.length >= this.r) return false;
    for (const position of behind) {
      if (this.#done || this.#record !== record) break;
      if (sameRecord(this.#sent[position] ?? null, record)) continue;
      this.#sent[position] = record;
      const home = this.#homes[position] ?? 0;
      // This read's own deadline comes first.
      const leftMs = this.#deadlineMs - parts.timers.nowMs() + 1_000;
      new HomeRepair(parts, home, this.#key, record, this).start(laneFor(parts.limits, record), leftMs);
    }
    return true;
  }

  onHomeRepaired(home: MemberId, record: Bytes, code: OutcomeCode): void {
    const position = this.#homes.indexOf(home);
    if (this.#done || this.#sent[position] !== record) return;
    if (code === "OK") {
      this.#answers[position] = record;
      this.#quorum.addAnswer(position);
    } else {
      this.#unrepaired = code;
      this.#fail(position, code);
    }
    this.#settle();
  }

  /** Asks for the values that `merged` lacks. True: some are to come. */
  #fetchMissing(merged: Bytes | null): boolean {
    let missing = false;
    const asked: Bytes[] = [];
    for (const position of this.#quorum.answered.slice()) {
      const head = this.#answers[position] ?? null;
      if (head === null || !isHeadOnly(head) || (merged !== null && supersedes(merged, head))) continue;
      missing = true;
      if (this.#isWanted(position)) asked.push(head);
    }
    for (const position of this.#quorum.answered.slice()) {
      const head = this.#answers[position] ?? null;
      if (head === null || !isHeadOnly(head) || (merged !== null && supersedes(merged, head))) continue;
      if (this.#isWanted(position)) continue;
      if (!this.#isLate && asked.some((other) => bytesEqual(other, head))) continue;
      asked.push(head);
      this.#ask(position, true);
    }
    return missing;
  }

  #finish(code: OutcomeCode, text: string): void {
    if (this.#done) return;
    this.#done = true;
    this.close(code, this.#request.timeoutMs, this.#deadlineMs);
    this.code = code;
    this.text = text;
    if (code !== "OK") countFailure(this.parts.counters, code);
    this.nowMs = this.parts.clock.nowMs();
    for (const position of this.#quorum.answered) {
      const home = this.#homes[position] ?? 0;
      if (home !== this.parts.self)
        this.nowMs = Math.max(this.nowMs, msOfHlc(this.parts.peers.peerClock(home)));
    }
    this.#user.onGet(this.#tag, this);
    const record = this.#record;
    if (code !== "OK" || this.#request.repair !== "after" || !this.#divergent || record === null) return;
    const behind = this.#behind().map((position) => this.#homes[position] ?? 0);
    this.parts.repairs.repair(this.#key, record, behind);
  }
}
