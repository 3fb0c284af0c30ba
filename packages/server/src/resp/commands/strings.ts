/** GET, SET, MGET, MSET: the hot path first. */
import { EMPTY_BYTES, type Bytes, type ConditionalResult, type GetResult } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { wrongArity } from "../dispatch.ts";
import { ReadGather, WriteGather } from "../key-gather.ts";
import { GetCall, PutCall, type ReplySlot } from "../reply-slot.ts";
import { scopeOf, type Session } from "../session.ts";
import { ValuesPlan } from "../values-plan.ts";
import { ValueChange } from "../value-change.ts";
import { fillDelete, fillPut, fillRead } from "./calls.ts";
import { fillConditional, replyBulk } from "./conditional-call.ts";
import { type SetOptions, parseSetOptions, setLooksFirst } from "./set-options.ts";

export const STRING_COMMANDS: readonly Command[] = [
  command({
    name: "get",
    arity: 2,
    flags: ["readonly", "fast"],
    firstKey: 1,
    lastKey: 1,
    step: 1,
    group: "string",
    summary: "Get the value of a key; of siblings, the newest",
    effect: "read",
    carriesValues: true,
    run: get,
  }),
  command({
    name: "set",
    arity: -3,
    flags: ["write", "denyoom"],
    firstKey: 1,
    lastKey: 1,
    step: 1,
    group: "string",
    summary: "Set the value of a key, with or without a time to live or a condition",
    effect: "write",
    looksFirstIf: setLooksFirst,
    run: set,
  }),
  command({
    name: "mget",
    arity: -2,
    flags: ["readonly", "fast"],
    firstKey: 1,
    lastKey: -1,
    step: 1,
    group: "string",
    summary: "Get the values of all the given keys",
    effect: "read",
    carriesValues: true,
    run: mget,
  }),
  command({
    name: "mset",
    arity: -3,
    flags: ["write", "denyoom"],
    firstKey: 1,
    lastKey: -1,
    step: 2,
    group: "string",
    since: "1.0.1",
    summary: "Set several keys, each on its own: some may be written and others not",
    effect: "write",
    run: mset,
  }),
];

function get(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  fillRead(slot.getCall, session, argument(args, 1), false);
  slot.get(session.face.member, replyValue);
}

function replyValue(slot: ReplySlot, result: GetResult): void {
  const version = result.newestLive();
  const out = slot.begin();
  if (version === null) out.null();
  else out.bulk(version.value);
  slot.end();
}

function replyOk(slot: ReplySlot): void {
  slot.ok();
}

function set(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { member } = session.face;
  const key = argument(args, 1);
  const value = argument(args, 2);
  if (args.length === 3) {
    fillPut(slot.putCall, session, key, value);
    slot.put(member, replyOk);
    return;
  }
  const options = parseSetOptions(member, args);
  if (options.error !== "") {
    slot.error(options.error);
    return;
  }
  if (options.condition !== "none" || options.returnsOld) {
    setIf(session, slot, args, options);
    return;
  }
  if (options.keepsTtl) {
    new ValueChange(session, slot, key, true, (current) => {
      return { kind: "put", value, expiryMs: current?.expiryMs ?? 0, reply: (out) => out.ok() };
    }).start();
    return;
  }
  // An instant that has passed: Redis 7 sets the value and lets it expire at once.
  if (options.expired) fillDelete(slot.putCall, session, key);
  else fillPut(slot.putCall, session, key, value).expiryMs = options.expiryMs;
  slot.put(member, replyOk);
}

/** One that depends on the value that is there, or returns it. */
function setIf(session: Session, slot: ReplySlot, args: readonly Bytes[], options: SetOptions): void {
  const call = fillConditional(slot, session, argument(args, 1));
  call.condition = options.condition;
  call.operand = options.operand;
  call.change = options.expired ? "delete" : "put";
  call.value = options.expired ? EMPTY_BYTES : argument(args, 2);
  if (options.keepsTtl) call.expiry = "keep";
  else if (options.expiryMs !== 0 && !options.expired) {
    call.expiry = "at";
    call.expiryMs = options.expiryMs;
  }
  call.want = options.returnsOld ? "before" : "nothing";
  slot.conditional(session.face.member, options.returnsOld ? replyBulk : replyOkOrNull);
}

function replyOkOrNull(slot: ReplySlot, { code }: ConditionalResult): void {
  if (code === "OK") {
    slot.ok();
    return;
  }
  slot.begin().null();
  slot.end();
}

function mget(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const keys = args.slice(1);
  const plan = new ValuesPlan(session, slot, keys.length);
  const scope = scopeOf(session);
  const requestOf = (key: Bytes): GetCall => fillRead(new GetCall(), scope, key, false);
  new ReadGather(session.face, slot, keys, requestOf, plan).start();
}

function mset(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length % 2 === 0) {
    slot.error(wrongArity("mset"));
    return;
  }
  // Of a key that is named twice the last value counts.
  const requests = new Map<string, PutCall>();
  for (let i = 1; i < args.length; i += 2) {
    const key = argument(args, i);
    requests.set(latin1(key), fillPut(new PutCall(), session, key, argument(args, i + 1)));
  }
  new WriteGather(session.face, slot, [...requests.values()], replyOk).start();
}
