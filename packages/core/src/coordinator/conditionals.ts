/** Takes conditional writes and serial reads, from faces and from members that forward them, to their key's proposer. */
import { copyBytes } from "../base/bytes.ts";
import { latin1Decode } from "../base/utf8.ts";
import type { MemberId } from "../model/member.ts";
import { decodeToken } from "../version/context-token.ts";
import type { ForwardedConditional } from "../wire/messages.ts";
import type { ConditionalRequest, ConditionalUser } from "./conditional.ts";
import {
  type ConditionalEndUser,
  ConditionalJob,
  LocalConditionalUser,
  RemoteConditionalUser,
} from "./conditional-job.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { ForwardConditional } from "./forward-operation.ts";
import { Proposers } from "./proposers.ts";
import { NO_HOMES, PAUSED, type Place, type Refusal, type RequestChecks } from "./request-checks.ts";
import { SerialLook } from "./serial-look.ts";

const QUEUE_FULL: Refusal = {
  code: "OVERLOADED",
  text: "too many conditional writes wait for this key (conditionalQueueMax), or for all keys together (operationsMax); nothing was written; retry after 50 ms",
};

export class Conditionals {
  readonly #parts: CoordinatorParts;
  readonly #checks: RequestChecks;
  readonly #proposers: Proposers;

  constructor(parts: CoordinatorParts, checks: RequestChecks) {
    this.#parts = parts;
    this.#checks = checks;
    this.#proposers = new Proposers(parts);
  }

  begin(request: ConditionalRequest, user: ConditionalUser, tag: number): void {
    this.#parts.counters.conditionals++;
    this.#propose(request, new LocalConditionalUser(this.#parts, request, user, tag), true);
  }

  /** A conditional write that a peer forwarded: this member proposes it itself, or refuses. Bytes are lent. */
  onForwarded(peer: MemberId, id: number, deadline: number, request: ForwardedConditional): void {
    const user = new RemoteConditionalUser(this.#parts, peer, id);
    const timeoutMs = this.#checks.timeLeftMs(deadline);
    if (timeoutMs <= 0) {
      this.#refuse(user, PAUSED);
      return;
    }
    const kept = {
      ...request,
      key: copyBytes(request.key),
      operand: copyBytes(request.operand),
      value: copyBytes(request.value),
      timeoutMs,
    };
    this.#propose(kept, user, false);
  }

  #propose(request: ConditionalRequest, user: ConditionalEndUser, mayForward: boolean): void {
    const parts = this.#parts;
    const { namespace, key, value, condition, operand } = request;
    const refusal =
      this.#checks.refusal(namespace, key, value) ??
      this.#checks.overload() ??
      this.#checks.expiryRefusal(request);
    const place = refusal === null ? this.#checks.place(namespace, key) : null;
    if (place === null) {
      this.#refuse(user, refusal ?? NO_HOMES);
      return;
    }
    const scope = { cluster: parts.clusterHash, namespace };
    if (condition === "context" && decodeToken(scope, key, latin1Decode(operand)) === null) {
      this.#refuse(user, { code: "BADCONTEXT", text: "" });
      return;
    }
    const deadlineMs = parts.timers.nowMs() + request.timeoutMs;
    const isRead = request.change === "none" && place.homes.includes(parts.self);
    if (isRead && !this.#proposers.isBusy(place.storageKey))
      this.#look(request, user, place, deadlineMs, mayForward);
    else this.#decide(request, user, place, deadlineMs, mayForward);
  }

  /** Most keys are at rest: no proposer is needed for what a majority agrees on. */
  #look(
    request: ConditionalRequest,
    user: ConditionalEndUser,
    place: Place,
    deadlineMs: number,
    mayForward: boolean,
  ): void {
    const parts = this.#parts;
    if (parts.deciding.count >= parts.limits.operationsMax) {
      this.#refuse(user, QUEUE_FULL);
      return;
    }
    const job = new ConditionalJob(parts, request, deadlineMs, user);
    new SerialLook(parts, place.storageKey, place.homes, job, () =>
      this.#decide(request, user, place, deadlineMs, mayForward),
    ).start();
  }

  /** `deadlineMs`: an instant of the timers. */
  #decide(
    request: ConditionalRequest,
    user: ConditionalEndUser,
    { homes, storageKey }: Place,
    deadlineMs: number,
    mayForward: boolean,
  ): void {
    const parts = this.#parts;
    const writable = parts.writable();
    const here = (): void => {
      if (this.#proposers.isFull(storageKey)) this.#refuse(user, QUEUE_FULL);
      else this.#proposers.submit(storageKey, homes, new ConditionalJob(parts, request, deadlineMs, user));
    };
    if (mayForward && (homes[0] !== parts.self || writable !== "OK"))
      new ForwardConditional(parts, request, deadlineMs, homes, here, user).start();
    else if (writable !== "OK") this.#refuse(user, { code: writable, text: "" });
    else if (!homes.includes(parts.self)) this.#refuse(user, { code: "EPOCH", text: "" });
    else here();
  }

  #refuse(user: ConditionalEndUser, { code, text }: Refusal): void {
    const nowMs = this.#parts.clock.nowMs();
    user.onConditionalEnd({ code, text, existed: false, bytes: null, nowMs, receipt: null }, 0);
  }
}
