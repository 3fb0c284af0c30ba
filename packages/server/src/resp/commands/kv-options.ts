/** The options of the KV commands: keywords in any case and order, each at most once. */
import {
  ALL,
  EMPTY_BYTES,
  QUORUM,
  type Bytes,
  type ConditionKind,
  type Durability,
  type FallbackUse,
  type MemberApi,
  type ReadRepair,
} from "@kvorum/core";
import { argument, latin1, wholeNumber } from "../arguments.ts";
import { isWord } from "../command-table.ts";
import type { Session } from "../session.ts";

export type KvOption =
  | "r"
  | "w"
  | "context"
  | "durability"
  | "ttl"
  | "fallbacks"
  | "timeout"
  | "repair"
  | "serial"
  | "ifcontext"
  | "ifabsent"
  | "ifpresent"
  | "ifvalue";

export interface KvOptions {
  /** With its code word; empty when the options are good. */
  error: string;
  /** 1 or more, `QUORUM` or `ALL`. */
  r: number;
  /** R was given: in a namespace whose policy is `strong` the read is a plain one. */
  saysR: boolean;
  w: number;
  context: string | null;
  durability: Durability;
  fallbacks: FallbackUse;
  /** Ms since 1970; 0: never. */
  expiryMs: number;
  timeoutMs: number;
  repair: ReadRepair;
  /** To be decided by a majority of the homes: a serial read, or a write with this condition. */
  serial: boolean;
  condition: ConditionKind;
  operand: Bytes;
}

/** These stand by themselves. */
const ALONE: readonly KvOption[] = ["serial", "ifabsent", "ifpresent"];
const CONDITIONS: Readonly<Partial<Record<KvOption, ConditionKind>>> = {
  ifcontext: "context",
  ifabsent: "absent",
  ifpresent: "present",
  ifvalue: "value",
};
/** What a conditional write or a serial read leaves no choice of. */
const PLAIN: readonly KvOption[] = ["r", "w", "context", "durability", "fallbacks", "repair"];

const ECHO_CHARS_MAX = 64;
const REPAIRS: readonly ReadRepair[] = ["before", "after", "none"];

/** Reads `args` from `from` on; only the options listed are known. */
export function parseKvOptions(
  { face: { member }, defaults }: Session,
  args: readonly Bytes[],
  from: number,
  known: readonly KvOption[],
): KvOptions {
  const options: KvOptions = {
    error: "",
    r: defaults.r,
    saysR: false,
    w: defaults.w,
    context: null,
    durability: defaults.durability,
    fallbacks: defaults.fallbacks,
    expiryMs: 0,
    timeoutMs: defaults.timeoutMs,
    repair: "after",
    serial: false,
    condition: "none",
    operand: EMPTY_BYTES,
  };
  const seen = new Set<KvOption>();
  for (let i = from; i < args.length && options.error === ""; i++) {
    const word = argument(args, i);
    const option = known.find((name) => isWord(word, name));
    const isAlone = option !== undefined && ALONE.includes(option);
    const value = isAlone ? EMPTY_BYTES : args[i + 1];
    if (!isAlone) i++;
    if (option === undefined)
      options.error = `ERR unknown option '${shown(word)}'; known are ${namesOf(known)}`;
    else if (seen.has(option)) options.error = `ERR option ${option.toUpperCase()} is given twice`;
    else if (value === undefined) options.error = `ERR option ${option.toUpperCase()} needs a value`;
    else options.error = readOption(member, options, option, value);
    if (option !== undefined) seen.add(option);
  }
  options.saysR = seen.has("r");
  if (options.error === "") options.error = mixed(options, seen);
  return options;
}

/** Empty, or what does not go together. */
function mixed({ serial }: KvOptions, seen: ReadonlySet<KvOption>): string {
  const conditions = [...seen].filter((option) => CONDITIONS[option] !== undefined);
  if (conditions.length > 1) return `ERR a write has one condition, not ${namesOf(conditions)}`;
  const plain = PLAIN.find((option) => seen.has(option));
  if (plain === undefined || (conditions.length === 0 && !serial)) return "";
  const decided = conditions[0] ?? "serial";
  return `ERR ${namesOf([plain])} does not go with ${namesOf([decided])}: a majority of the homes decides, fsynced`;
}

/** Empty, or what is wrong with the value. */
function readOption(member: MemberApi, options: KvOptions, option: KvOption, value: Bytes): string {
  switch (option) {
    case "r":
    case "w":
      return readHomes(member, options, option, value);
    case "context":
      options.context = latin1(value);
      return "";
    case "durability":
      return readDurability(options, value);
    case "fallbacks":
      return readFallbacks(options, value);
    case "ttl":
      return readTtl(member, options, value);
    case "repair":
      return readRepair(options, value);
    case "timeout":
      return readTimeout(member, options, value);
    case "serial":
      options.serial = true;
      return "";
    case "ifcontext":
    case "ifabsent":
    case "ifpresent":
    case "ifvalue":
      options.condition = CONDITIONS[option] ?? "none";
      options.operand = value;
      return "";
  }
}

function readHomes({ limits }: MemberApi, options: KvOptions, option: "r" | "w", value: Bytes): string {
  const homes = homesOf(value, limits.replicasMax);
  options[option] = homes;
  if (!Number.isNaN(homes)) return "";
  return `ERR ${option.toUpperCase()} must be one, quorum, all or a number from 1 to ${limits.replicasMax}`;
}

function homesOf(value: Bytes, homesMax: number): number {
  if (isWord(value, "one")) return 1;
  if (isWord(value, "quorum")) return QUORUM;
  return isWord(value, "all") ? ALL : wholeNumber(value, 1, homesMax);
}

function readDurability(options: KvOptions, value: Bytes): string {
  if (isWord(value, "fsync")) options.durability = "fsync";
  else if (isWord(value, "os")) options.durability = "os";
  else return "ERR DURABILITY must be fsync or os";
  return "";
}

function readRepair(options: KvOptions, value: Bytes): string {
  const found = REPAIRS.find((repair) => isWord(value, repair));
  if (found !== undefined) options.repair = found;
  return found === undefined ? "ERR REPAIR must be before, after or none" : "";
}

function readFallbacks(options: KvOptions, value: Bytes): string {
  if (isWord(value, "allow")) options.fallbacks = "allow";
  else if (isWord(value, "deny")) options.fallbacks = "deny";
  else return "ERR FALLBACKS must be allow or deny";
  return "";
}

function readTtl(member: MemberApi, options: KvOptions, value: Bytes): string {
  const ttlMs = wholeNumber(value, 1, member.limits.ttlMsMax);
  if (Number.isNaN(ttlMs))
    return `ERR TTL must be a number of ms from 1 to ${member.limits.ttlMsMax} (ttlMsMax)`;
  options.expiryMs = member.nowMs() + ttlMs;
  return "";
}

function readTimeout({ limits }: MemberApi, options: KvOptions, value: Bytes): string {
  options.timeoutMs = wholeNumber(value, 1, limits.timeoutMsMax);
  if (!Number.isNaN(options.timeoutMs)) return "";
  return `ERR TIMEOUT must be a number of ms from 1 to ${limits.timeoutMsMax} (timeoutMsMax)`;
}

function shown(word: Bytes): string {
  return latin1(word.subarray(0, ECHO_CHARS_MAX));
}

function namesOf(known: readonly KvOption[]): string {
  return known.map((name) => name.toUpperCase()).join(", ");
}
