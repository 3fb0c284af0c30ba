/**
 * A write that arrived at a member which is not its coordinator, on the way to the first home of the key that can be
 * reached or, where they may stand in and there is none, to the first fallback. It is tried at the next one only when
 * nothing can have been written: it was surely not sent, or the answer was a definite refusal. Once it may have been
 * written nobody sends it again.
 */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { laneFor } from "../replica/peers.ts";
import { encodeWrite } from "../wire/encode.ts";
import { encodeConditional } from "../wire/encode-paxos.ts";
import type { ConditionalOutcome, RemoteReceipt } from "../wire/messages.ts";
import type { ConditionalRequest } from "./conditional.ts";
import type { ConditionalEndUser } from "./conditional-job.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import type { WriteUser } from "./write-end.ts";
import type { PutRequest } from "./request.ts";

/** Runs the write at this member, when it is its turn among the homes; with an instant of the timers. */
export type WriteHere = (deadlineMs: number) => void;

abstract class ForwardOperation extends CoordinatorOperation {
  readonly #candidates: readonly MemberId[];
  readonly #writeHere: WriteHere;
  readonly #timeoutMs: number;
  readonly #deadlineMs: number;
  readonly #value: Bytes;
  #next = 0;
  protected coordinator: MemberId = 0;
  #refusal: OutcomeCode = "QUORUM";
  #refusalText = "no home of this key can be reached; nothing was written";

  /** `deadlineMs`: an instant of the timers. `candidates`: who may coordinate it, in order. `value`: the largest part sent. */
  constructor(
    parts: CoordinatorParts,
    timeoutMs: number,
    deadlineMs: number,
    value: Bytes,
    candidates: readonly MemberId[],
    writeHere: WriteHere,
  ) {
    super(parts);
    this.#timeoutMs = timeoutMs;
    this.#value = value;
    this.#candidates = candidates;
    this.#writeHere = writeHere;
    this.#deadlineMs = deadlineMs;
  }

  start(): void {
    this.register();
    this.parts.timers.at(this, this.#deadlineMs);
    this.#tryNext();
  }

  override onPeerDown(peer: MemberId): void {
    if (peer !== this.coordinator) return;
    this.#finish("UNKNOWN", `the link to the coordinator was lost while it ${this.#doing}`);
  }

  override onBulkDown(peer: MemberId): void {
    if (laneFor(this.parts.limits, this.#value) === "bulk") this.onPeerDown(peer);
  }

  /** It may never wake up, and its client should not wait out a long deadline to learn that. */
  override onPeerSilent(peer: MemberId): void {
    if (peer !== this.coordinator) return;
    this.#finish("UNKNOWN", `the coordinator went silent while it ${this.#doing}`);
  }

  override onTimer(): void {
    const unknown = this.isRead ? "" : " (outcome unknown)";
    this.#finish("TIMEOUT", `the coordinator did not answer within ${this.#timeoutMs} ms${unknown}`);
  }

  /** Nothing can have been written. */
  protected get isRead(): boolean {
    return false;
  }

  get #doing(): string {
    return this.isRead ? "read" : "wrote (outcome unknown)";
  }

  protected abstract encode(writer: LinkWriter, deadline: number): void;

  /** It has ended, and no coordinator said how. */
  protected abstract onFailure(code: OutcomeCode, text: string): void;

  /** A coordinator has answered. True: that is the end. */
  protected onAnswer(peer: MemberId, code: OutcomeCode, text: string): boolean {
    if (peer !== this.coordinator) return false;
    if (mayTryElsewhere(code)) {
      this.#refusal = code;
      this.#refusalText = text;
      this.#tryNext();
      return false;
    }
    this.#end();
    return true;
  }

  #tryNext(): void {
    const { parts } = this;
    while (this.#next < this.#candidates.length) {
      const member = this.#candidates[this.#next++] ?? 0;
      if (member === parts.self) {
        const code = parts.writable();
        if (code === "OK") {
          this.#end();
          this.#writeHere(this.#deadlineMs);
          return;
        }
        this.#refusal = code;
        this.#refusalText = "";
      } else if (parts.peers.reachable(member) && this.#send(member)) return;
    }
    this.#finish(this.#refusal, this.#refusalText);
  }

  #send(member: MemberId): boolean {
    const { parts } = this;
    const writer = parts.peers.writer(member, laneFor(parts.limits, this.#value));
    if (writer === null) return false;
    this.encode(writer, this.deadlineClock(this.#deadlineMs - parts.timers.nowMs()));
    this.coordinator = member;
    parts.counters.forwarded++;
    return true;
  }

  #finish(code: OutcomeCode, text: string): void {
    this.#end();
    this.onFailure(code, text);
  }

  #end(): void {
    this.unregister();
    this.parts.timers.cancel(this);
  }
}

export class ForwardWrite extends ForwardOperation {
  readonly #request: PutRequest;
  readonly #user: WriteUser;

  constructor(
    parts: CoordinatorParts,
    request: PutRequest,
    candidates: readonly MemberId[],
    writeHere: WriteHere,
    user: WriteUser,
  ) {
    const deadlineMs = parts.timers.nowMs() + request.timeoutMs;
    super(parts, request.timeoutMs, deadlineMs, request.value, candidates, writeHere);
    this.#request = request;
    this.#user = user;
  }

  override onWritten(
    peer: MemberId,
    code: OutcomeCode,
    existed: boolean,
    text: string,
    written: RemoteReceipt | null,
  ): void {
    if (!this.onAnswer(peer, code, text)) return;
    this.#user.onWriteEnd({ code, text, existed, coordinator: peer, written });
  }

  protected override encode(writer: LinkWriter, deadline: number): void {
    encodeWrite(writer, this.id, deadline, this.#request);
  }

  protected override onFailure(code: OutcomeCode, text: string): void {
    this.#user.onWriteEnd({ code, text, existed: false, coordinator: this.coordinator, written: null });
  }
}

export class ForwardConditional extends ForwardOperation {
  readonly #request: ConditionalRequest;
  readonly #user: ConditionalEndUser;

  constructor(
    parts: CoordinatorParts,
    request: ConditionalRequest,
    deadlineMs: number,
    candidates: readonly MemberId[],
    writeHere: WriteHere,
    user: ConditionalEndUser,
  ) {
    const { value, operand } = request;
    super(
      parts,
      request.timeoutMs,
      deadlineMs,
      value.length > operand.length ? value : operand,
      candidates,
      writeHere,
    );
    this.#request = request;
    this.#user = user;
  }

  /** Its bytes are lent, and faces may keep what they are given. */
  override onConditionalDone(peer: MemberId, outcome: ConditionalOutcome): void {
    if (!this.onAnswer(peer, outcome.code, outcome.text)) return;
    const bytes = outcome.bytes === null ? null : copyBytes(outcome.bytes);
    this.#user.onConditionalEnd({ ...outcome, bytes }, peer);
  }

  protected override get isRead(): boolean {
    return this.#request.change === "none";
  }

  protected override encode(writer: LinkWriter, deadline: number): void {
    encodeConditional(writer, this.id, deadline, this.#request);
  }

  protected override onFailure(code: OutcomeCode, text: string): void {
    const nowMs = this.parts.clock.nowMs();
    const outcome = { code, text, existed: false, bytes: null, nowMs, receipt: null };
    this.#user.onConditionalEnd(outcome, this.coordinator);
  }
}

/** Definite refusals that say something of that coordinator, not of the request. */
function mayTryElsewhere(code: OutcomeCode): boolean {
  return (
    code === "QUORUM" ||
    code === "DISKFULL" ||
    code === "CLOCK" ||
    code === "LOADING" ||
    code === "OVERLOADED" ||
    code === "DAMAGED"
  );
}
