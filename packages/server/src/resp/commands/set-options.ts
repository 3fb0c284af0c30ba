/** The options of SET. An expiry becomes an absolute instant by the member's clock. */
import type { Bytes, MemberApi } from "@kvorum/core";
import { latin1 } from "../arguments.ts";
import { isWord } from "../command-table.ts";
import { EXPIRY_UNITS, expiryTime, type ExpiryUnit } from "../expiry-time.ts";

export interface SetOptions {
  /** With its code word; empty when the options are good. */
  readonly error: string;
  /** Ms since 1970; 0: never. */
  readonly expiryMs: number;
  /** The instant named has passed already. */
  readonly expired: boolean;
  /** The time to live of the value before stays. */
  readonly keepsTtl: boolean;
}

const LATER = ["nx", "xx", "get", "ifeq", "ifne", "ifdeq", "ifdne"];

export function parseSetOptions(member: MemberApi, args: readonly Bytes[]): SetOptions {
  let unit: ExpiryUnit | null = null;
  let amount: Bytes | null = null;
  let keepsTtl = false;
  for (let i = 3; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    const later = LATER.find((option) => isWord(word, option));
    if (later !== undefined) {
      const name = latin1(word).toUpperCase();
      return refused(`ERR ${name} is not supported yet: conditional writes come in a later release`);
    }
    const found = EXPIRY_UNITS.find((option) => isWord(word, option));
    const next = args[i + 1];
    if (found !== undefined && (unit ?? found) === found && !keepsTtl && next !== undefined) {
      unit = found;
      amount = next;
      i++;
    } else if (isWord(word, "keepttl") && unit === null) {
      keepsTtl = true;
    } else {
      return refused("ERR syntax error");
    }
  }
  if (unit === null || amount === null) return { error: "", expiryMs: 0, expired: false, keepsTtl };
  const { error, expiryMs } = expiryTime(member, unit, amount, "set", "refused");
  return { error, expiryMs, expired: error === "" && expiryMs <= member.nowMs(), keepsTtl };
}

/** Whether SET with these arguments looks at what is there first: KEEPTTL reads it, a time that has passed deletes. */
export function setLooksFirst(args: readonly Bytes[]): boolean {
  for (let i = 3; i < args.length; i++) {
    const word = args[i];
    if (word !== undefined && (word.length === 7 || word.length === 4) && isLooking(word)) return true;
  }
  return false;
}

function isLooking(word: Bytes): boolean {
  return isWord(word, "keepttl") || isWord(word, "exat") || isWord(word, "pxat");
}

function refused(error: string): SetOptions {
  return { error, expiryMs: 0, expired: false, keepsTtl: false };
}
