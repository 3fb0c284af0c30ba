/** Plain requests in a namespace whose policy is `strong`: every write is a conditional one, every read a serial one. */
import { EMPTY_BYTES } from "../base/bytes.ts";
import { latin1Encode } from "../base/utf8.ts";
import type { ConditionalRequest, ConditionalResult, ConditionalUser } from "./conditional.ts";
import type { GetRequest, GetResult, GetUser, PutRequest, PutUser } from "./request.ts";
import type { Refusal } from "./request-checks.ts";

export function serialRead({ namespace, key, timeoutMs }: GetRequest): ConditionalRequest {
  return { ...NOTHING, namespace, key, timeoutMs, want: "record" };
}

/** With a context it succeeds when nothing has changed since. */
export function conditionalPut(request: PutRequest): ConditionalRequest {
  const { namespace, key, value, kind, context, expiryMs, wantReceipt, timeoutMs } = request;
  return {
    ...NOTHING,
    namespace,
    key,
    condition: context === null ? "none" : "context",
    operand: context === null ? EMPTY_BYTES : latin1Encode(context),
    change: kind,
    value: kind === "put" ? value : EMPTY_BYTES,
    expiry: expiryMs === 0 ? "clear" : "at",
    expiryMs,
    wantReceipt,
    timeoutMs,
  };
}

const NOTHING = {
  condition: "none",
  operand: EMPTY_BYTES,
  change: "none",
  value: EMPTY_BYTES,
  offset: 0,
  expiry: "clear",
  expiryMs: 0,
  want: "nothing",
  wantReceipt: false,
} as const;

export class SerialGet implements ConditionalUser {
  readonly #user: GetUser;
  readonly #failed: (refusal: Refusal) => GetResult;

  constructor(user: GetUser, failed: (refusal: Refusal) => GetResult) {
    this.#user = user;
    this.#failed = failed;
  }

  onConditional(tag: number, { code, text, read }: ConditionalResult): void {
    this.#user.onGet(tag, code === "OK" && read !== null ? read : this.#failed({ code, text }));
  }
}

export class ConditionalPut implements ConditionalUser {
  readonly #user: PutUser;

  constructor(user: PutUser) {
    this.#user = user;
  }

  onConditional(tag: number, { code, text, existed, receipt }: ConditionalResult): void {
    this.#user.onPut(tag, { code: code === "CONDITION" ? "CONFLICT" : code, text, existed, receipt });
  }
}
