/** Times in commands: seconds or milliseconds, from now or absolute, into an instant by the member's clock. */
import type { Bytes, MemberApi } from "@kvorum/core";
import { decimalOf } from "./decimal.ts";

export type ExpiryUnit = "ex" | "px" | "exat" | "pxat";

export const EXPIRY_UNITS: readonly ExpiryUnit[] = ["ex", "px", "exat", "pxat"];

export interface ExpiryTime {
  /** With its code word; empty when the time is good. */
  readonly error: string;
  /** Ms since 1970; it may have passed. */
  readonly expiryMs: number;
}

/** Of 64 bits, as the nearest double: a time is far beyond our own limit before the difference matters. */
const HIGHEST = 2 ** 63;

export const NOT_AN_INTEGER = "ERR value is not an integer or out of range";

/** `past`: whether a time before 1970, or a TTL below one, is a time at all. `name`: the command, for its errors. */
export function expiryTime(
  member: MemberApi,
  unit: ExpiryUnit,
  text: Bytes,
  name: string,
  past: "allowed" | "refused",
): ExpiryTime {
  const amount = decimalOf(text);
  if (Number.isNaN(amount)) return refused(NOT_AN_INTEGER);
  const invalid = `ERR invalid expire time in '${name}' command`;
  if (amount <= 0 && past === "refused") return refused(invalid);
  const ms = unit === "ex" || unit === "exat" ? amount * 1000 : amount;
  const nowMs = member.nowMs();
  const expiryMs = unit === "ex" || unit === "px" ? nowMs + ms : ms;
  if (ms < -HIGHEST || expiryMs >= HIGHEST) return refused(invalid);
  const { ttlMsMax } = member.limits;
  if (expiryMs - nowMs > ttlMsMax)
    return refused(`${invalid}: the limit is ${ttlMsMax} ms from now (ttlMsMax)`);
  return { error: "", expiryMs };
}

function refused(error: string): ExpiryTime {
  return { error, expiryMs: 0 };
}
