/**
 * One command's place among the replies of its connection. Commands end in any order; a slot takes the member's
 * answer, has it encoded, and its connection sends it when its turn comes. Slots, and the requests in them, are
 * pooled: an ordinary GET or SET allocates nothing but views.
 */
import {
  EMPTY_BYTES,
  OUTCOMES,
  QUORUM,
  assert,
  type Bytes,
  type ChangeKind,
  type ConditionKind,
  type ConditionalRequest,
  type ConditionalResult,
  type ConditionalUser,
  type ConflictsPage,
  type ConflictsRequest,
  type ConflictsUser,
  type Durability,
  type ExpiryRule,
  type ExplainUser,
  type Explanation,
  type FallbackUse,
  type GetRequest,
  type ReadRepair,
  type GetResult,
  type GetUser,
  type MemberApi,
  type OutcomeCode,
  type PutRequest,
  type PutResult,
  type PutUser,
  type VerifyPage,
  type VerifyRequest,
  type VerifyUser,
  type Wanted,
} from "@kvorum/core";
import type { Effect } from "./command.ts";
import { columnOfError } from "./command-meter.ts";
import type { Page, Parked, Protocol, ReplyWriter } from "./reply-writer.ts";

/** A connection as its slots see it. */
export interface SlotOwner {
  readonly closed: boolean;
  readonly writer: ReplyWriter;
  /** The slot's reply has been written. */
  settled(slot: ReplySlot): void;
  /** Nobody waits for the slot's reply any more. */
  abandoned(slot: ReplySlot): void;
}

export class GetCall implements GetRequest {
  namespace = 0;
  key: Bytes = EMPTY_BYTES;
  r = QUORUM;
  headOnly = false;
  repair: ReadRepair = "after";
  plain = false;
  timeoutMs = 0;
}

export class PutCall implements PutRequest {
  kind: "put" | "delete" = "put";
  namespace = 0;
  key: Bytes = EMPTY_BYTES;
  value: Bytes = EMPTY_BYTES;
  context: string | null = null;
  onlyIfSeen = false;
  expiryMs = 0;
  w = QUORUM;
  durability: Durability = "fsync";
  fallbacks: FallbackUse = "allow";
  timeoutMs = 0;
  wantReceipt = false;
}

export class ConditionalCall implements ConditionalRequest {
  namespace = 0;
  key: Bytes = EMPTY_BYTES;
  condition: ConditionKind = "none";
  operand: Bytes = EMPTY_BYTES;
  change: ChangeKind = "none";
  value: Bytes = EMPTY_BYTES;
  offset = 0;
  expiry: ExpiryRule = "clear";
  expiryMs = 0;
  want: Wanted = "nothing";
  wantReceipt = false;
  timeoutMs = 0;
}

export type GetReply = (slot: ReplySlot, result: GetResult) => void;
export type PutReply = (slot: ReplySlot, result: PutResult) => void;
export type ConditionalReply = (slot: ReplySlot, result: ConditionalResult) => void;
export type ConflictsReply = (slot: ReplySlot, page: ConflictsPage) => void;
export type VerifyReply = (slot: ReplySlot, page: VerifyPage) => void;
export type ExplainReply = (slot: ReplySlot, explanation: Explanation) => void;

function nobody(): void {
  assert(false, "a slot is answered what it asked");
}

export class ReplySlot
  implements Parked, GetUser, PutUser, ConditionalUser, ConflictsUser, ExplainUser, VerifyUser
{
  /** Requests of this slot; they are the member's until it has answered. */
  readonly getCall = new GetCall();
  readonly putCall = new PutCall();
  #conditionalCall: ConditionalCall | null = null;
  protocol: Protocol = 2;
  done = false;
  effect: Effect = "none";
  /** The only key it touches; null when it touches none or several. */
  key: Bytes | null = null;
  /** A write that may travel another way than small ones do. */
  slow = false;
  /** How many values its reply may carry; `LIST` for a list. */
  values = 0;
  /** What is charged for reading them, and what they turned out to take, if that is not what is replied. */
  readBytes = 0;
  seenBytes = 0;
  /** Where it is counted: its command, what it ended in, and since when it runs (ms of the meter's clock). */
  row = 0;
  column = 0;
  startedMs = 0;
  /** What its arguments keep alive while it is under way. */
  heldBytes = 0;
  page: Page | null = null;
  from = 0;
  to = 0;
  #owner: SlotOwner | null = null;
  #tag = 0;
  #onGet: GetReply = nobody;
  #onPut: PutReply = nobody;
  #onConditional: ConditionalReply = nobody;
  #onConflicts: ConflictsReply = nobody;
  #onExplained: ExplainReply = nobody;
  #onVerified: VerifyReply = nobody;

  take(owner: SlotOwner, protocol: Protocol, row: number, startedMs: number): void {
    this.#owner = owner;
    this.row = row;
    this.column = 0;
    this.startedMs = startedMs;
    this.protocol = protocol;
    this.done = false;
    this.effect = "none";
    this.key = null;
    this.slow = false;
    this.values = 0;
    this.readBytes = 0;
    this.seenBytes = 0;
    this.heldBytes = 0;
    this.#tag = (this.#tag + 1) & 0x3fffffff;
  }

  /** Back to the pool; nothing of the request is kept alive. */
  clear(): void {
    this.#owner = null;
    this.key = null;
    this.getCall.key = EMPTY_BYTES;
    this.putCall.key = EMPTY_BYTES;
    this.putCall.value = EMPTY_BYTES;
    this.putCall.context = null;
    this.#conditionalCall = null;
  }

  /** Sends `getCall`; `reply` writes the reply of a success, failures are told as they are. */
  get(member: MemberApi, reply: GetReply): void {
    this.#onGet = reply;
    member.get(this.getCall, this, this.#tag);
  }

  put(member: MemberApi, reply: PutReply): void {
    this.#onPut = reply;
    member.put(this.putCall, this, this.#tag);
  }

  /** Fewer commands need one. */
  get conditionalCall(): ConditionalCall {
    this.#conditionalCall ??= new ConditionalCall();
    return this.#conditionalCall;
  }

  /** Sends `conditionalCall`; `reply` also writes that of a condition that did not hold. */
  conditional(member: MemberApi, reply: ConditionalReply): void {
    this.#onConditional = reply;
    member.conditional(this.conditionalCall, this, this.#tag);
  }

  conflicts(member: MemberApi, request: ConflictsRequest, reply: ConflictsReply): void {
    this.#onConflicts = reply;
    member.conflicts(request, this, this.#tag);
  }

  explain(member: MemberApi, namespace: number, key: Bytes, timeoutMs: number, reply: ExplainReply): void {
    this.#onExplained = reply;
    member.explain(namespace, key, timeoutMs, this, this.#tag);
  }

  verify(member: MemberApi, request: VerifyRequest, reply: VerifyReply): void {
    this.#onVerified = reply;
    member.verify(request, this, this.#tag);
  }

  onGet(tag: number, result: GetResult): void {
    if (!this.#answers(tag)) return;
    if (result.code === "OK") this.#onGet(this, result);
    else this.fail(result.code, result.text);
  }

  onPut(tag: number, result: PutResult): void {
    if (!this.#answers(tag)) return;
    if (result.code === "OK") this.#onPut(this, result);
    else this.fail(result.code, result.text);
  }

  onConditional(tag: number, result: ConditionalResult): void {
    if (!this.#answers(tag)) return;
    const { code, text } = result;
    if (code === "OK" || code === "CONDITION") this.#onConditional(this, result);
    else this.fail(code, text);
  }

  onConflicts(tag: number, page: ConflictsPage): void {
    if (!this.#answers(tag)) return;
    if (page.code === "OK") this.#onConflicts(this, page);
    else this.fail(page.code, "");
  }

  onExplained(tag: number, explanation: Explanation): void {
    if (this.#answers(tag)) this.#onExplained(this, explanation);
  }

  onVerified(tag: number, page: VerifyPage): void {
    if (!this.#answers(tag)) return;
    if (page.code === "OK") this.#onVerified(this, page);
    else this.fail(page.code, "");
  }

  /** The reply is written into the writer that comes back, at once and whole; then `end`. */
  begin(): ReplyWriter {
    return this.#ownerNow().writer.begin(this.protocol);
  }

  end(): void {
    const owner = this.#ownerNow();
    owner.writer.finish();
    owner.settled(this);
  }

  ok(): void {
    this.begin().ok();
    this.end();
  }

  integer(value: number): void {
    this.begin().integer(value);
    this.end();
  }

  text(value: string): void {
    this.begin().text(value);
    this.end();
  }

  /** `text` begins with the error's code word. */
  error(text: string): void {
    this.column = columnOfError(text);
    this.begin().error(text);
    this.end();
  }

  fail(code: OutcomeCode, text: string): void {
    this.error(failureText(code, text));
  }

  /** Nobody waits for the answer any more; it has to come all the same. */
  get isOrphan(): boolean {
    return this.#ownerNow().closed;
  }

  /** Asked once, when the answer has come: whether anybody still waits for it. If not, the slot is gone. */
  wanted(): boolean {
    const owner = this.#ownerNow();
    if (!owner.closed) return true;
    owner.abandoned(this);
    return false;
  }

  #answers(tag: number): boolean {
    assert(tag === this.#tag, "a member answers once");
    return this.wanted();
  }

  #ownerNow(): SlotOwner {
    const owner = this.#owner;
    assert(owner !== null, "a slot in use has an owner");
    return owner;
  }
}

/** How a failure reads: the code's word, then the most exact text there is. */
export function failureText(code: OutcomeCode, text: string): string {
  const outcome = OUTCOMES[code];
  return `${outcome.resp} ${text === "" ? outcome.text : text}`;
}

export class SlotPool {
  readonly #free: ReplySlot[] = [];

  take(): ReplySlot {
    return this.#free.pop() ?? new ReplySlot();
  }

  give(slot: ReplySlot): void {
    slot.clear();
    if (this.#free.length < FREE_SLOTS_MAX) this.#free.push(slot);
  }
}

const FREE_SLOTS_MAX = 16_384;
