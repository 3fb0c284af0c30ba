/** What a conditional write makes of the value it finds: functions of the two, with Redis's rules and words. */
import { type Bytes, EMPTY_BYTES, bytesEqual } from "../base/bytes.ts";
import { addDecimals, isInt64, parseInt64 } from "../base/decimal.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { xxh3Hex } from "../base/xxh3.ts";
import type { Limits } from "../config/limits.ts";
import type { Version, VersionKind } from "../version/dot.ts";
import type { ForwardedConditional } from "../wire/messages.ts";

export interface Refused {
  readonly code: OutcomeCode;
  readonly text: string;
}

/** What is to be written. */
export interface NextValue {
  readonly kind: VersionKind;
  readonly value: Bytes;
  readonly expiryMs: number;
}

/** `refused`: nothing is written, for this reason. `next`: null when all stays as it is. */
export type Change =
  | { readonly refused: Refused; readonly next: null }
  | { readonly refused: null; readonly next: NextValue | null };

const UNCHANGED: Change = { refused: null, next: null };
const ZERO = latin1Encode("0");

/** Whether what is asked speaks of one value, so that several siblings have no answer. */
export function needsOneValue({ condition, change }: ForwardedConditional): boolean {
  const isOfValue =
    condition !== "none" && condition !== "absent" && condition !== "present" && condition !== "context";
  return isOfValue || (change !== "none" && change !== "put" && change !== "delete");
}

/** A condition on the live value (null: none). Not for `context`, which is one on the record. */
export function conditionHolds({ condition, operand }: ForwardedConditional, live: Version | null): boolean {
  switch (condition) {
    case "absent":
      return live === null;
    case "present":
      return live !== null;
    case "value":
      return live !== null && bytesEqual(live.value, operand);
    case "not-value":
      return live === null || !bytesEqual(live.value, operand);
    case "digest":
      return live !== null && hasDigest(live.value, operand);
    case "not-digest":
      return live === null || !hasDigest(live.value, operand);
    default:
      return true;
  }
}

function hasDigest(value: Bytes, digest: Bytes): boolean {
  return latin1Decode(digest).toLowerCase() === xxh3Hex(value);
}

/** `live`: null where there is no value. */
export function changeOf(request: ForwardedConditional, live: Version | null, limits: Limits): Change {
  const expiryMs =
    request.expiry === "at" ? request.expiryMs : request.expiry === "keep" ? (live?.expiryMs ?? 0) : 0;
  const before = live === null ? null : live.value;
  switch (request.change) {
    case "none":
      return UNCHANGED;
    case "put":
      return written(request.value, expiryMs);
    case "delete":
      return before === null
        ? UNCHANGED
        : { refused: null, next: { kind: "tombstone", value: EMPTY_BYTES, expiryMs: 0 } };
    case "touch":
      return before === null ? UNCHANGED : written(before, expiryMs);
    case "increment":
      return incremented(before, request.value, expiryMs);
    case "increment-float": {
      const sum = addDecimals(before ?? ZERO, request.value);
      return sum === null ? refused("INVALID", "value is not a valid float") : written(sum, expiryMs);
    }
    case "append":
      return joined(before ?? EMPTY_BYTES, before?.length ?? 0, request.value, expiryMs, limits);
    case "set-range":
      if (request.value.length === 0) return UNCHANGED;
      return joined(before ?? EMPTY_BYTES, request.offset, request.value, expiryMs, limits);
  }
}

function incremented(before: Bytes | null, by: Bytes, expiryMs: number): Change {
  const from = before === null ? 0n : parseInt64(before);
  const step = parseInt64(by);
  if (from === null || step === null) return refused("INVALID", "value is not an integer or out of range");
  const sum = from + step;
  if (!isInt64(sum)) return refused("INVALID", "increment or decrement would overflow");
  return written(latin1Encode(sum.toString()), expiryMs);
}

/** `value` put over what there was from `offset` on. */
function joined(before: Bytes, offset: number, value: Bytes, expiryMs: number, limits: Limits): Change {
  const length = Math.max(before.length, offset + value.length);
  if (length > limits.valueBytesMax) {
    const text = `the value would be ${length} bytes, the limit is ${limits.valueBytesMax} (valueBytesMax)`;
    return refused("TOOLARGE", text);
  }
  const after = new Uint8Array(length);
  after.set(before);
  after.set(value, offset);
  return written(after, expiryMs);
}

function written(value: Bytes, expiryMs: number): Change {
  return { refused: null, next: { kind: "value", value, expiryMs } };
}

function refused(code: OutcomeCode, text: string): Change {
  return { refused: { code, text }, next: null };
}
