/** DEL, EXISTS, TTL, PTTL, DBSIZE. */
import { type Bytes, type GetResult, type PutResult } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { ReadGather, WriteGather, type ReadPlan } from "../key-gather.ts";
import { GetCall, PutCall, type ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";
import { fillDelete, fillRead } from "./calls.ts";

/** Counting touches every partition. */
export const COUNT_TIMEOUT_MS = 10_000;

const ABSENT = -2;
const WITHOUT_TTL = -1;

export const KEY_COMMANDS: readonly Command[] = [
  command({
    name: "del",
    arity: -2,
    flags: ["write"],
    firstKey: 1,
    lastKey: -1,
    step: 1,
    group: "generic",
    summary: "Delete keys, each on its own",
    effect: "write",
    looksFirst: true,
    run: del,
  }),
  command({
    name: "exists",
    arity: -2,
    flags: ["readonly", "fast"],
    firstKey: 1,
    lastKey: -1,
    step: 1,
    group: "generic",
    summary: "Count the given keys that exist",
    effect: "read",
    run: exists,
  }),
  command({
    name: "ttl",
    arity: 2,
    flags: ["readonly", "fast"],
    firstKey: 1,
    lastKey: 1,
    step: 1,
    group: "generic",
    summary: "Get the time to live of a key in seconds",
    effect: "read",
    run: (session, slot, args) => askTtl(session, slot, args, replyTtl),
  }),
  command({
    name: "pttl",
    arity: 2,
    flags: ["readonly", "fast"],
    firstKey: 1,
    lastKey: 1,
    step: 1,
    group: "generic",
    since: "2.6.0",
    summary: "Get the time to live of a key in milliseconds",
    effect: "read",
    run: (session, slot, args) => askTtl(session, slot, args, replyPttl),
  }),
  command({
    name: "dbsize",
    arity: 1,
    flags: ["readonly"],
    group: "server",
    summary: "Count the keys of the whole namespace",
    effect: "read",
    run: (session, slot) => slot.count(session.face.member, session.namespace, COUNT_TIMEOUT_MS, replyCount),
  }),
];

function del(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length === 2) {
    fillDelete(slot.putCall, session, argument(args, 1));
    slot.put(session.face.member, replyDeleted);
    return;
  }
  // A key that is named twice is deleted once.
  const requests = new Map<string, PutCall>();
  for (const key of args.slice(1)) requests.set(latin1(key), fillDelete(new PutCall(), session, key));
  new WriteGather(session.face, slot, [...requests.values()], replyCount).start();
}

function replyDeleted(slot: ReplySlot, result: PutResult): void {
  slot.integer(result.existed ? 1 : 0);
}

function replyCount(slot: ReplySlot, count: number): void {
  slot.integer(count);
}

function exists(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length === 2) {
    fillRead(slot.getCall, session, argument(args, 1), true);
    slot.get(session.face.member, replyExists);
    return;
  }
  const requestOf = (key: Bytes): GetCall => fillRead(new GetCall(), session, key, true);
  let found = 0;
  const plan: ReadPlan = {
    take: (_, result) => void (found += result.newestLive() === null ? 0 : 1),
    done: (waiting) => waiting.integer(found),
  };
  new ReadGather(session.face, slot, args.slice(1), requestOf, plan).start();
}

function replyExists(slot: ReplySlot, result: GetResult): void {
  slot.integer(result.newestLive() === null ? 0 : 1);
}

function askTtl(
  session: Session,
  slot: ReplySlot,
  args: readonly Bytes[],
  reply: (slot: ReplySlot, result: GetResult) => void,
): void {
  fillRead(slot.getCall, session, argument(args, 1), true);
  slot.get(session.face.member, reply);
}

function ttlMsOf(result: GetResult): number {
  const version = result.newestLive();
  if (version === null) return ABSENT;
  return version.expiryMs === 0 ? WITHOUT_TTL : Math.max(0, version.expiryMs - result.nowMs);
}

/** Rounded to the nearest second, as in Redis. */
function replyTtl(slot: ReplySlot, result: GetResult): void {
  const ttlMs = ttlMsOf(result);
  slot.integer(ttlMs < 0 ? ttlMs : Math.floor((ttlMs + 500) / 1000));
}

function replyPttl(slot: ReplySlot, result: GetResult): void {
  slot.integer(ttlMsOf(result));
}
