/** The commands of Redis that decide by the value that is there. Each is one conditional write. */
import { EMPTY_BYTES, type Bytes, xxh3Hex } from "@kvorum/core";
import { argument, latin1, wholeNumber } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { wrongArity } from "../dispatch.ts";
import { NOT_AN_INTEGER } from "../expiry-time.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";
import { fillRead } from "./calls.ts";
import { fillConditional, replyBulk, replyDigits, replyHeld } from "./conditional-call.ts";
import { comparisonOf } from "./set-options.ts";

const oneKey = {
  firstKey: 1,
  lastKey: 1,
  step: 1,
  group: "string",
  effect: "write",
  looksFirst: true,
} as const;

const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;
const ONE = Buffer.from("1");
const MINUS_ONE = Buffer.from("-1");

export const CONDITIONAL_COMMANDS: readonly Command[] = [
  command({
    ...oneKey,
    name: "setnx",
    arity: 3,
    flags: ["write", "denyoom", "fast"],
    summary: "Set the value of a key if there is none",
    run(session, slot, args) {
      const call = fillConditional(slot, session, argument(args, 1));
      call.condition = "absent";
      call.change = "put";
      call.value = argument(args, 2);
      slot.conditional(session.face.member, replyHeld);
    },
  }),
  command({
    ...oneKey,
    name: "getset",
    arity: 3,
    flags: ["write", "denyoom", "fast"],
    summary: "Set the value of a key and get the one before",
    carriesValues: true,
    run(session, slot, args) {
      const call = fillConditional(slot, session, argument(args, 1));
      call.change = "put";
      call.value = argument(args, 2);
      call.want = "before";
      slot.conditional(session.face.member, replyBulk);
    },
  }),
  command({
    ...oneKey,
    name: "getdel",
    arity: 2,
    flags: ["write", "fast"],
    since: "6.2.0",
    summary: "Delete a key and get its value",
    carriesValues: true,
    run(session, slot, args) {
      const call = fillConditional(slot, session, argument(args, 1));
      call.change = "delete";
      call.want = "before";
      slot.conditional(session.face.member, replyBulk);
    },
  }),
  command({
    ...oneKey,
    name: "delex",
    arity: -2,
    flags: ["write", "fast"],
    since: "8.4.0",
    summary: "Delete a key if its value, or the digest of it, is what is said, or is not",
    run: delex,
  }),
  command({
    ...oneKey,
    name: "digest",
    arity: 2,
    flags: ["readonly", "fast"],
    since: "8.4.0",
    summary: "Get the XXH3 digest of a value, in 16 hexadecimal digits",
    effect: "read",
    looksFirst: false,
    run: digest,
  }),
  counting("incr", 2, "Increment the number that a key holds by one", () => ONE),
  counting("decr", 2, "Decrement the number that a key holds by one", () => MINUS_ONE),
  counting("incrby", 3, "Increment the number that a key holds", (args) => argument(args, 2)),
  counting("decrby", 3, "Decrement the number that a key holds", (args) => negated(argument(args, 2))),
  command({
    ...oneKey,
    name: "incrbyfloat",
    arity: 3,
    flags: ["write", "denyoom", "fast"],
    since: "2.6.0",
    summary: "Add a decimal fraction to the number that a key holds",
    run(session, slot, args) {
      const call = fillConditional(slot, session, argument(args, 1));
      call.change = "increment-float";
      call.value = argument(args, 2);
      call.expiry = "keep";
      call.want = "after";
      slot.conditional(session.face.member, replyBulk);
    },
  }),
  command({
    ...oneKey,
    name: "append",
    arity: 3,
    flags: ["write", "denyoom", "fast"],
    since: "2.0.0",
    summary: "Append bytes to a value, and get its length",
    run(session, slot, args) {
      const call = fillConditional(slot, session, argument(args, 1));
      call.change = "append";
      call.value = argument(args, 2);
      call.expiry = "keep";
      call.want = "length";
      slot.conditional(session.face.member, replyDigits);
    },
  }),
  command({
    ...oneKey,
    name: "setrange",
    arity: 4,
    flags: ["write", "denyoom"],
    since: "2.2.0",
    summary: "Put bytes over a value from some place on, and get its length",
    run: setRange,
  }),
  command({
    name: "msetnx",
    arity: -3,
    flags: ["write", "denyoom"],
    firstKey: 1,
    lastKey: -1,
    step: 2,
    group: "string",
    since: "1.0.1",
    summary: "Set one key if it has no value; several are refused, because they are not decided together",
    effect: "write",
    looksFirst: true,
    run: msetnx,
  }),
];

function counting(
  name: string,
  arity: number,
  summary: string,
  stepOf: (args: readonly Bytes[]) => Bytes | string,
): Command {
  return command({
    ...oneKey,
    name,
    arity,
    flags: ["write", "denyoom", "fast"],
    summary,
    run(session, slot, args) {
      const step = stepOf(args);
      if (typeof step === "string") {
        slot.error(step);
        return;
      }
      const call = fillConditional(slot, session, argument(args, 1));
      call.change = "increment";
      call.value = step;
      call.expiry = "keep";
      call.want = "after";
      slot.conditional(session.face.member, replyDigits);
    },
  });
}

/** Or what is wrong with it. */
function negated(bytes: Bytes): Bytes | string {
  const text = latin1(bytes);
  if (text.length > 20 || !/^(0|-?[1-9][0-9]*)$/.test(text)) return NOT_AN_INTEGER;
  const step = BigInt(text);
  if (step > INT64_MAX || step < INT64_MIN) return NOT_AN_INTEGER;
  return step === INT64_MIN ? "ERR decrement would overflow" : Buffer.from((-step).toString());
}

function delex(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const comparison = args.length === 4 ? comparisonOf(argument(args, 2)) : null;
  if (args.length !== 2 && comparison === null) {
    slot.error(args.length === 3 || args.length > 4 ? wrongArity("delex") : "ERR syntax error");
    return;
  }
  const call = fillConditional(slot, session, argument(args, 1));
  call.change = "delete";
  if (comparison !== null) {
    call.condition = comparison;
    call.operand = argument(args, 3);
  }
  slot.conditional(session.face.member, (asked, { code, existed }) =>
    asked.integer(code === "OK" && existed ? 1 : 0),
  );
}

function digest(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  fillRead(slot.getCall, session, argument(args, 1), false);
  slot.get(session.face.member, (asked, result) => {
    const live = result.newestLive();
    const out = asked.begin();
    if (live === null) out.null();
    else out.text(xxh3Hex(live.value));
    asked.end();
  });
}

function setRange(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { valueBytesMax } = session.face.member.limits;
  const offset = wholeNumber(argument(args, 2), -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(offset)) slot.error(NOT_AN_INTEGER);
  else if (offset < 0) slot.error("ERR offset is out of range");
  else if (offset + argument(args, 3).length > valueBytesMax)
    slot.error(`ERR string exceeds maximum allowed size (valueBytesMax, ${valueBytesMax} bytes)`);
  else {
    const call = fillConditional(slot, session, argument(args, 1));
    call.change = "set-range";
    call.offset = offset;
    call.value = argument(args, 3);
    call.expiry = "keep";
    call.want = "length";
    slot.conditional(session.face.member, replyDigits);
  }
}

function msetnx(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  if (args.length % 2 === 0) {
    slot.error(wrongArity("msetnx"));
    return;
  }
  if (args.length > 3) {
    slot.error(
      "ERR MSETNX takes one key here: keys are decided one by one, so several could not be set all or none; use SETNX for each",
    );
    return;
  }
  const call = fillConditional(slot, session, argument(args, 1));
  call.condition = "absent";
  call.change = "put";
  call.value = args[2] ?? EMPTY_BYTES;
  slot.conditional(session.face.member, replyHeld);
}
