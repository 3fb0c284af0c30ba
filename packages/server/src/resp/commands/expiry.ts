/** When keys end: EXPIRE and its kin, TTL and its kin, PERSIST. */
import type { Bytes, GetResult, Version } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { expiryTime, type ExpiryUnit } from "../expiry-time.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { ReplyWriter } from "../reply-writer.ts";
import type { Session } from "../session.ts";
import { ValueChange, type Verdict } from "../value-change.ts";
import { fillRead } from "./calls.ts";

const ABSENT = -2;
const WITHOUT_TTL = -1;

const oneKey = { firstKey: 1, lastKey: 1, step: 1, group: "generic" } as const;

export const EXPIRY_COMMANDS: readonly Command[] = [
  expiring("expire", "ex", "1.0.0", "Set the time to live of a key in seconds"),
  expiring("pexpire", "px", "2.6.0", "Set the time to live of a key in milliseconds"),
  expiring("expireat", "exat", "1.2.0", "Set when a key ends, in seconds since 1970"),
  expiring("pexpireat", "pxat", "2.6.0", "Set when a key ends, in milliseconds since 1970"),
  asking("ttl", "1.0.0", "Get the time to live of a key in seconds", (version, nowMs) =>
    nearestSecond(leftMs(version, nowMs)),
  ),
  asking("pttl", "2.6.0", "Get the time to live of a key in milliseconds", leftMs),
  asking("expiretime", "7.0.0", "Get when a key ends, in seconds since 1970", ({ expiryMs }) =>
    nearestSecond(expiryMs),
  ),
  asking("pexpiretime", "7.0.0", "Get when a key ends, in ms since 1970", ({ expiryMs }) => expiryMs),
  command({
    ...oneKey,
    name: "persist",
    arity: 2,
    flags: ["write", "fast"],
    since: "2.2.0",
    summary: "Take the time to live off a key",
    effect: "write",
    looksFirst: true,
    run(session, slot, args) {
      new ValueChange(session, slot, argument(args, 1), false, persisted).start();
    },
  }),
];

function leftMs({ expiryMs }: Version, nowMs: number): number {
  return Math.max(0, expiryMs - nowMs);
}

/** As Redis rounds. */
function nearestSecond(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}

/** A command that says something of a key's end. `shown` is asked of keys that have one. */
function asking(
  name: string,
  since: string,
  summary: string,
  shown: (version: Version, nowMs: number) => number,
): Command {
  const reply = (slot: ReplySlot, result: GetResult): void => {
    const version = result.newestLive();
    if (version === null) slot.integer(ABSENT);
    else slot.integer(version.expiryMs === 0 ? WITHOUT_TTL : shown(version, result.nowMs));
  };
  return command({
    ...oneKey,
    name,
    arity: 2,
    flags: ["readonly", "fast"],
    since,
    summary,
    effect: "read",
    run(session, slot, args) {
      fillRead(slot.getCall, session, argument(args, 1), true);
      slot.get(session.face.member, reply);
    },
  });
}

function expiring(name: string, unit: ExpiryUnit, since: string, summary: string): Command {
  return command({
    ...oneKey,
    name,
    arity: -3,
    flags: ["write", "fast"],
    since,
    summary,
    effect: "write",
    looksFirst: true,
    run: (session, slot, args) => expire(session, slot, args, name, unit),
  });
}

function expire(
  session: Session,
  slot: ReplySlot,
  args: readonly Bytes[],
  name: string,
  unit: ExpiryUnit,
): void {
  const conditions = parseConditions(args);
  const { error, expiryMs } = expiryTime(session.face.member, unit, argument(args, 2), name, "allowed");
  if (conditions.error !== "" || error !== "") {
    slot.error(conditions.error === "" ? error : conditions.error);
    return;
  }
  new ValueChange(session, slot, argument(args, 1), false, (current, nowMs) => {
    if (current === null || !holds(conditions, current.expiryMs, expiryMs))
      return { kind: "keep", reply: zero };
    if (expiryMs <= nowMs) return { kind: "delete", reply: one };
    return { kind: "put", value: current.value, expiryMs, reply: one };
  }).start();
}

interface Conditions {
  error: string;
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

function parseConditions(args: readonly Bytes[]): Conditions {
  const found: Conditions = { error: "", nx: false, xx: false, gt: false, lt: false };
  for (let i = 3; i < args.length; i++) {
    const word = argument(args, i);
    if (isWord(word, "nx")) found.nx = true;
    else if (isWord(word, "xx")) found.xx = true;
    else if (isWord(word, "gt")) found.gt = true;
    else if (isWord(word, "lt")) found.lt = true;
    else return { ...found, error: `ERR Unsupported option ${latin1(word.subarray(0, 128))}` };
  }
  if (found.nx && (found.xx || found.gt || found.lt))
    return { ...found, error: "ERR NX and XX, GT or LT options at the same time are not compatible" };
  if (found.gt && found.lt)
    return { ...found, error: "ERR GT and LT options at the same time are not compatible" };
  return found;
}

/** A key without an end counts as one that ends later than any other. */
function holds({ nx, xx, gt, lt }: Conditions, currentMs: number, expiryMs: number): boolean {
  const endsMs = currentMs === 0 ? Number.POSITIVE_INFINITY : currentMs;
  if (nx && currentMs !== 0) return false;
  if (xx && currentMs === 0) return false;
  return (!gt || expiryMs > endsMs) && (!lt || expiryMs < endsMs);
}

function persisted(current: Version | null): Verdict {
  if (current === null || current.expiryMs === 0) return { kind: "keep", reply: zero };
  return { kind: "put", value: current.value, expiryMs: 0, reply: one };
}

function zero(out: ReplyWriter): void {
  out.integer(0);
}

function one(out: ReplyWriter): void {
  out.integer(1);
}
