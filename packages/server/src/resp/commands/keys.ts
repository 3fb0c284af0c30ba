/** DEL, UNLINK, EXISTS, TOUCH, TYPE, DBSIZE. */
import { type Bytes, type GetResult, type PutResult } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { ReadGather, WriteGather, type ReadPlan } from "../key-gather.ts";
import { GetCall, PutCall, type ReplySlot } from "../reply-slot.ts";
import { scopeOf, type Session } from "../session.ts";
import { fillDelete, fillRead } from "./calls.ts";

const oneKey = { firstKey: 1, lastKey: 1, step: 1, group: "generic" } as const;
const manyKeys = { firstKey: 1, lastKey: -1, step: 1, group: "generic" } as const;

export const KEY_COMMANDS: readonly Command[] = [
  deleting("del", ["write"], "1.0.0", "Delete keys, each on its own"),
  deleting("unlink", ["write", "fast"], "4.0.0", "Delete keys, each on its own, as DEL does"),
  counting("exists", "1.0.0", "Count the given keys that exist"),
  counting("touch", "3.2.1", "Count the given keys that exist; nothing here depends on when a key was used"),
  command({
    ...oneKey,
    name: "type",
    arity: 2,
    flags: ["readonly", "fast"],
    summary: "Get the type of the value of a key: string, or none",
    effect: "read",
    run(session, slot, args) {
      fillRead(slot.getCall, session, argument(args, 1), true);
      slot.get(session.face.member, replyType);
    },
  }),
  command({
    name: "dbsize",
    arity: 1,
    flags: ["readonly"],
    group: "server",
    summary: "Count the keys of the whole namespace",
    effect: "read",
    run: (session, slot) => session.face.counts.ask(session, slot, replyCount),
  }),
];

function deleting(name: string, flags: readonly string[], since: string, summary: string): Command {
  return command({
    ...manyKeys,
    name,
    arity: -2,
    flags,
    since,
    summary,
    effect: "write",
    looksFirst: true,
    run: del,
  });
}

function counting(name: string, since: string, summary: string): Command {
  return command({
    ...manyKeys,
    name,
    arity: -2,
    flags: ["readonly", "fast"],
    since,
    summary,
    effect: "read",
    run: exists,
  });
}

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
  const scope = scopeOf(session);
  const requestOf = (key: Bytes): GetCall => fillRead(new GetCall(), scope, key, true);
  let found = 0;
  const plan: ReadPlan = {
    take(_, result) {
      if (result.newestLive() !== null) found++;
      return true;
    },
    fanOut: (most) => most,
    done: (waiting) => waiting.integer(found),
  };
  new ReadGather(session.face, slot, args.slice(1), requestOf, plan).start();
}

function replyExists(slot: ReplySlot, result: GetResult): void {
  slot.integer(result.newestLive() === null ? 0 : 1);
}

function replyType(slot: ReplySlot, result: GetResult): void {
  slot.begin().simple(result.newestLive() === null ? "none" : "string");
  slot.end();
}
