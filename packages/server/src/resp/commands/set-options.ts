/** The options of SET. An expiry becomes an absolute instant by the member's clock. */
import { EMPTY_BYTES, type Bytes, type ConditionKind, type MemberApi } from "@kvorum/core";
import { isWord } from "../command-table.ts";
import { EXPIRY_UNITS, expiryTime, type ExpiryUnit } from "../expiry-time.ts";

export interface SetOptions {
  /** With its code word; empty when the options are good. */
  error: string;
  /** Ms since 1970; 0: never. */
  expiryMs: number;
  /** The instant named has passed already. */
  expired: boolean;
  /** The time to live of the value before stays. */
  keepsTtl: boolean;
  condition: ConditionKind;
  /** What the condition compares with. */
  operand: Bytes;
  /** The reply is the value before. */
  returnsOld: boolean;
}

const COMPARISONS: readonly (readonly [word: string, condition: ConditionKind])[] = [
  ["ifeq", "value"],
  ["ifne", "not-value"],
  ["ifdeq", "digest"],
  ["ifdne", "not-digest"],
];

/** What `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE` compare; null for other words. */
export function comparisonOf(word: Bytes): ConditionKind | null {
  return COMPARISONS.find(([name]) => isWord(word, name))?.[1] ?? null;
}

export function parseSetOptions(member: MemberApi, args: readonly Bytes[]): SetOptions {
  const options: SetOptions = {
    error: "",
    expiryMs: 0,
    expired: false,
    keepsTtl: false,
    condition: "none",
    operand: EMPTY_BYTES,
    returnsOld: false,
  };
  let unit: ExpiryUnit | null = null;
  let amount: Bytes | null = null;
  for (let i = 3; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    const next = args[i + 1];
    const found = EXPIRY_UNITS.find((option) => isWord(word, option));
    const comparison = comparisonOf(word);
    const isFree = options.condition === "none";
    if (found !== undefined && (unit ?? found) === found && !options.keepsTtl && next !== undefined) {
      unit = found;
      amount = next;
      i++;
    } else if (isWord(word, "keepttl") && unit === null) options.keepsTtl = true;
    else if (isWord(word, "get")) options.returnsOld = true;
    else if (isWord(word, "nx") && (isFree || options.condition === "absent")) options.condition = "absent";
    else if (isWord(word, "xx") && (isFree || options.condition === "present")) options.condition = "present";
    else if (comparison !== null && isFree && next !== undefined) {
      options.condition = comparison;
      options.operand = next;
      i++;
    } else {
      options.error = "ERR syntax error";
      return options;
    }
  }
  if (unit === null || amount === null) return options;
  const { error, expiryMs } = expiryTime(member, unit, amount, "set", "refused");
  options.error = error;
  options.expiryMs = expiryMs;
  options.expired = error === "" && expiryMs <= member.nowMs();
  return options;
}

/** Whether SET with these arguments looks at what is there first: all but a time from now do. */
export function setLooksFirst(args: readonly Bytes[]): boolean {
  for (let i = 3; i < args.length; i++) {
    const word = args[i];
    if (word === undefined) break;
    if (isWord(word, "ex") || isWord(word, "px")) i++;
    else return true;
  }
  return false;
}
