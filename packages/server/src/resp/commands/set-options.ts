/** The options of SET. An expiry becomes an absolute instant by the member's clock. */
import type { Bytes, MemberApi } from "@kvorum/core";
import { latin1 } from "../arguments.ts";
import { isWord } from "../command-table.ts";
import { decimalOf } from "../decimal.ts";

export interface SetOptions {
  /** With its code word; empty when the options are good. */
  readonly error: string;
  /** Ms since 1970; 0: never. */
  readonly expiryMs: number;
  /** The instant named has passed already. */
  readonly expired: boolean;
}

type Unit = "ex" | "px" | "exat" | "pxat";

const UNITS: readonly Unit[] = ["ex", "px", "exat", "pxat"];
const LATER = ["nx", "xx", "get", "keepttl", "ifeq", "ifne", "ifdeq", "ifdne"];

export function parseSetOptions(member: MemberApi, args: readonly Bytes[]): SetOptions {
  let unit: Unit | null = null;
  let amount: Bytes | null = null;
  for (let i = 3; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    const later = LATER.find((option) => isWord(word, option));
    if (later !== undefined) {
      const name = latin1(word).toUpperCase();
      return refused(`ERR ${name} is not supported yet: conditional writes come in a later release`);
    }
    const found = UNITS.find((option) => isWord(word, option));
    const next = args[i + 1];
    if (found === undefined || unit !== null || next === undefined) return refused("ERR syntax error");
    unit = found;
    amount = next;
    i++;
  }
  return unit === null || amount === null ? refused("ERR syntax error") : expiryOf(member, unit, amount);
}

function expiryOf(member: MemberApi, unit: Unit, text: Bytes): SetOptions {
  const amount = decimalOf(text);
  if (Number.isNaN(amount)) return refused("ERR value is not an integer or out of range");
  if (amount <= 0) return refused("ERR invalid expire time in 'set' command");
  const ms = unit === "ex" || unit === "exat" ? amount * 1000 : amount;
  const nowMs = member.nowMs();
  const expiryMs = unit === "ex" || unit === "px" ? nowMs + ms : ms;
  const { ttlMsMax } = member.limits;
  const ttlMs = expiryMs - nowMs;
  if (ttlMs > ttlMsMax) {
    return refused(
      `ERR invalid expire time in 'set' command: the limit is ${ttlMsMax} ms from now (ttlMsMax)`,
    );
  }
  return { error: "", expiryMs, expired: ttlMs <= 0 };
}

function refused(error: string): SetOptions {
  return { error, expiryMs: 0, expired: false };
}
