/** One conditional write as its proposer has it: who asked, and by when. And who is told how it ended, here or elsewhere. */
import type { OutcomeCode } from "../base/outcome.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { Epoch } from "../model/topology.ts";
import type { Limits } from "../config/limits.ts";
import { laneFor } from "../replica/peers.ts";
import { ReplyPath } from "../replica/reply-path.ts";
import type { Version } from "../version/dot.ts";
import type { TokenScope } from "../version/context-token.ts";
import { encodeConditionalDone } from "../wire/encode-paxos.ts";
import type { ConditionalOutcome } from "../wire/messages.ts";
import type { ConditionalRequest, ConditionalUser } from "./conditional.ts";
import { type CoordinatorParts, countFailure } from "./coordination.ts";
import { liveVersionOf, readToken, shownVersions } from "./read-answer.ts";
import type { GetResult } from "./request.ts";
import { receiptOf } from "./write-result.ts";

export interface ConditionalEndUser {
  /** `coordinator`: 0 when nobody came to propose it. */
  onConditionalEnd(outcome: ConditionalOutcome, coordinator: MemberId): void;
}

/** A request that waits for its turn or is being decided, until it is answered or its deadline has passed. */
export class ConditionalJob extends Timer {
  readonly request: ConditionalRequest;
  readonly deadlineMs: number;
  /** It is part of a proposal that may be chosen, so it cannot be said that nothing was written. */
  isProposed = false;
  isDone = false;
  readonly #parts: CoordinatorParts;
  readonly #user: ConditionalEndUser;

  /** `deadlineMs` is an instant of the timers. */
  constructor(
    parts: CoordinatorParts,
    request: ConditionalRequest,
    deadlineMs: number,
    user: ConditionalEndUser,
  ) {
    super();
    this.#parts = parts;
    this.request = request;
    this.deadlineMs = deadlineMs;
    this.#user = user;
    parts.deciding.count++;
    parts.timers.at(this, deadlineMs);
  }

  get isRead(): boolean {
    return this.request.change === "none";
  }

  override onTimer(): void {
    const { timeoutMs } = this.request;
    const text = this.isProposed
      ? `it was proposed, and not known to be chosen within ${timeoutMs} ms (outcome unknown)`
      : `a majority of the homes could not be asked within ${timeoutMs} ms; nothing was written`;
    this.fail("TIMEOUT", text);
  }

  /** Of a failure of members, not of the condition. */
  fail(code: OutcomeCode, text: string): void {
    const nowMs = this.#parts.clock.nowMs();
    this.end({ code, text, existed: false, bytes: null, nowMs, receipt: null });
  }

  /** Somebody else answers in its place. */
  release(): void {
    this.isDone = true;
    this.#parts.deciding.count--;
    this.#parts.timers.cancel(this);
  }

  end(outcome: ConditionalOutcome): void {
    if (this.isDone) return;
    this.release();
    const { timers, self, budget } = this.#parts;
    if (outcome.code === "OK")
      budget.onForeground(this.request.timeoutMs - (this.deadlineMs - timers.nowMs()));
    this.#user.onConditionalEnd(outcome, self);
  }
}

/** For a face. */
export class LocalConditionalUser implements ConditionalEndUser {
  readonly #parts: CoordinatorParts;
  readonly #request: ConditionalRequest;
  readonly #user: ConditionalUser;
  readonly #tag: number;

  constructor(parts: CoordinatorParts, request: ConditionalRequest, user: ConditionalUser, tag: number) {
    this.#parts = parts;
    this.#request = request;
    this.#user = user;
    this.#tag = tag;
  }

  onConditionalEnd(outcome: ConditionalOutcome, coordinator: MemberId): void {
    const { code, text, existed, bytes } = outcome;
    const parts = this.#parts;
    if (code !== "OK" && code !== "CONDITION") countFailure(parts.counters, code);
    const isRecord = this.#request.want === "record" && outcome.receipt === null;
    this.#user.onConditional(this.#tag, {
      code,
      text,
      existed,
      bytes: isRecord ? null : bytes,
      read: isRecord ? new SerialRead(parts, this.#request, outcome) : null,
      receipt: outcome.receipt === null ? null : receiptOf(parts, outcome.receipt, coordinator),
    });
  }
}

/** What a serial read has found. */
class SerialRead implements GetResult {
  readonly code: OutcomeCode;
  readonly text: string;
  readonly r: number;
  readonly answered: readonly MemberId[] = [];
  readonly epoch: Epoch;
  readonly nowMs: number;
  readonly #record: Bytes | null;
  readonly #lww: boolean;
  readonly #scope: TokenScope;
  readonly #key: Bytes;

  constructor(parts: CoordinatorParts, request: ConditionalRequest, outcome: ConditionalOutcome) {
    this.code = outcome.code;
    this.text = outcome.text;
    this.nowMs = outcome.nowMs;
    this.r = 0;
    this.epoch = parts.topology.epoch;
    this.#record = outcome.bytes;
    this.#lww = parts.placement.policyOf(request.namespace) === "lww";
    this.#scope = { cluster: parts.clusterHash, namespace: request.namespace };
    this.#key = request.key;
  }

  newestLive(): Version | null {
    return liveVersionOf(this.#record, this.#lww, this.nowMs);
  }

  versions(): Version[] {
    return shownVersions(this.#record, this.#lww);
  }

  token(): string {
    return readToken(this.#record, this.#lww, this.#scope, this.#key);
  }
}

/** For the member that forwarded it. */
export class RemoteConditionalUser implements ConditionalEndUser {
  readonly #limits: Limits;
  readonly #path: ReplyPath;

  constructor({ peers, limits }: CoordinatorParts, peer: MemberId, id: number) {
    this.#limits = limits;
    this.#path = new ReplyPath(peers, peer, id);
  }

  onConditionalEnd(outcome: ConditionalOutcome): void {
    const lane = outcome.bytes === null ? "foreground" : laneFor(this.#limits, outcome.bytes);
    const writer = this.#path.writer(lane);
    if (writer !== null) encodeConditionalDone(writer, this.#path.id, outcome);
  }
}
