/**
 * A write that arrived at a member which is not its coordinator, on the way to the first home of the key that can be
 * reached or, where they may stand in and there is none, to the first fallback. It is tried at the next home only when nothing can have been written: it was surely not sent, or the
 * answer was a definite refusal. Once it may have been written nobody sends it again.
 */
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { encodeWrite } from "../wire/encode.ts";
import { laneFor } from "../replica/peers.ts";
import type { RemoteReceipt } from "../wire/messages.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import type { WriteUser } from "./write-end.ts";
import type { PutRequest } from "./request.ts";

/** Runs the write at this member, when it is its turn among the homes; with an instant of the timers. */
export type WriteHere = (deadlineMs: number) => void;

export class ForwardOperation extends CoordinatorOperation {
  readonly #request: PutRequest;
  readonly #candidates: readonly MemberId[];
  readonly #writeHere: WriteHere;
  readonly #user: WriteUser;
  readonly #deadlineMs: number;
  #next = 0;
  #coordinator: MemberId = 0;
  #refusal: OutcomeCode = "QUORUM";
  #refusalText = "no home of this key can be reached; nothing was written";

  /** `candidates`: who may coordinate it, in order. */
  constructor(
    parts: CoordinatorParts,
    request: PutRequest,
    candidates: readonly MemberId[],
    writeHere: WriteHere,
    user: WriteUser,
  ) {
    super(parts);
    this.#request = request;
    this.#candidates = candidates;
    this.#writeHere = writeHere;
    this.#user = user;
    this.#deadlineMs = parts.timers.nowMs() + request.timeoutMs;
  }

  start(): void {
    this.register();
    this.parts.timers.at(this, this.#deadlineMs);
    this.#tryNext();
  }

  override onWritten(
    peer: MemberId,
    code: OutcomeCode,
    existed: boolean,
    text: string,
    written: RemoteReceipt | null,
  ): void {
    if (peer !== this.#coordinator) return;
    if (mayTryElsewhere(code)) {
      this.#refusal = code;
      this.#refusalText = text;
      this.#tryNext();
      return;
    }
    this.#finish(code, text, existed, written);
  }

  override onPeerDown(peer: MemberId): void {
    if (peer !== this.#coordinator) return;
    this.#finish(
      "UNKNOWN",
      "the link to the coordinator was lost while it wrote (outcome unknown)",
      false,
      null,
    );
  }

  override onBulkDown(peer: MemberId): void {
    if (laneFor(this.parts.limits, this.#request.value) === "bulk") this.onPeerDown(peer);
  }

  /** It may never wake up, and its client should not wait out a long deadline to learn that. */
  override onPeerSilent(peer: MemberId): void {
    if (peer !== this.#coordinator) return;
    this.#finish("UNKNOWN", "the coordinator went silent while it wrote (outcome unknown)", false, null);
  }

  override onTimer(): void {
    const text = `the coordinator did not answer within ${this.#request.timeoutMs} ms (outcome unknown)`;
    this.#finish("TIMEOUT", text, false, null);
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
    this.#finish(this.#refusal, this.#refusalText, false, null);
  }

  #send(member: MemberId): boolean {
    const { parts } = this;
    const writer = parts.peers.writer(member, laneFor(parts.limits, this.#request.value));
    if (writer === null) return false;
    const deadline = this.deadlineClock(this.#deadlineMs - parts.timers.nowMs());
    encodeWrite(writer, this.id, deadline, this.#request);
    this.#coordinator = member;
    parts.counters.forwarded++;
    return true;
  }

  #finish(code: OutcomeCode, text: string, existed: boolean, written: RemoteReceipt | null): void {
    this.#end();
    this.#user.onWriteEnd({ code, text, existed, coordinator: this.#coordinator, written });
  }

  #end(): void {
    this.unregister();
    this.parts.timers.cancel(this);
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
