/** GETEX, SETEX, PSETEX, STRLEN, GETRANGE, SUBSTR: single values, in other ways than GET and SET. */
import { EMPTY_BYTES, type Bytes, type GetResult, type Version } from "@kvorum/core";
import { argument } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { decimalOf } from "../decimal.ts";
import { EXPIRY_UNITS, NOT_AN_INTEGER, expiryTime, type ExpiryUnit } from "../expiry-time.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";
import { ValueChange, type Verdict } from "../value-change.ts";
import { fillPut, fillRead } from "./calls.ts";

const oneKey = { firstKey: 1, lastKey: 1, step: 1, group: "string" } as const;

export const VALUE_COMMANDS: readonly Command[] = [
  command({
    ...oneKey,
    name: "getex",
    arity: -2,
    flags: ["write", "fast"],
    since: "6.2.0",
    summary: "Get the value of a key and set when it ends",
    effect: "write",
    looksFirst: true,
    carriesValues: true,
    run: getex,
  }),
  setting("setex", "ex", "Set the value of a key with a time to live in seconds", "2.0.0"),
  setting("psetex", "px", "Set the value of a key with a time to live in milliseconds", "2.6.0"),
  command({
    ...oneKey,
    name: "strlen",
    arity: 2,
    flags: ["readonly", "fast"],
    since: "2.2.0",
    summary: "Get the length of a value in bytes",
    effect: "read",
    run(session, slot, args) {
      fillRead(slot.getCall, session, argument(args, 1), false);
      slot.get(session.face.member, (asked, result) => asked.integer(result.newestLive()?.value.length ?? 0));
    },
  }),
  ranging("getrange", "2.4.0"),
  ranging("substr", "1.0.0"),
];

function setting(name: string, unit: ExpiryUnit, summary: string, since: string): Command {
  return command({
    ...oneKey,
    name,
    arity: 4,
    flags: ["write", "denyoom"],
    since,
    summary,
    effect: "write",
    run(session, slot, args) {
      const { member } = session.face;
      const { error, expiryMs } = expiryTime(member, unit, argument(args, 2), name, "refused");
      if (error !== "") {
        slot.error(error);
        return;
      }
      fillPut(slot.putCall, session, argument(args, 1), argument(args, 3)).expiryMs = expiryMs;
      slot.put(member, (asked) => asked.ok());
    },
  });
}

function getex(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { member } = session.face;
  const key = argument(args, 1);
  if (args.length === 2) {
    fillRead(slot.getCall, session, key, false);
    slot.get(member, replyValue);
    return;
  }
  const options = getexOptions(args);
  if (options === null) {
    slot.error("ERR syntax error");
    return;
  }
  // Redis looks at the time only once it has found the key.
  const { unit, amount } = options;
  const { error, expiryMs } =
    unit === null ? { error: "", expiryMs: 0 } : expiryTime(member, unit, amount, "getex", "refused");
  new ValueChange(session, slot, key, false, (current, nowMs) =>
    touched(current, nowMs, expiryMs, error),
  ).start();
}

interface GetexOptions {
  /** Null: PERSIST. */
  readonly unit: ExpiryUnit | null;
  readonly amount: Bytes;
}

/** One kind of option, which may be repeated: the last counts. Null: not understood. */
function getexOptions(args: readonly Bytes[]): GetexOptions | null {
  let options: GetexOptions | null = null;
  for (let i = 2; i < args.length; i++) {
    const word = argument(args, i);
    const unit = isWord(word, "persist") ? null : EXPIRY_UNITS.find((option) => isWord(word, option));
    const amount = unit === null ? EMPTY_BYTES : args[++i];
    if (unit === undefined || amount === undefined) return null;
    if (options !== null && options.unit !== unit) return null;
    options = { unit, amount };
  }
  return options;
}

function touched(current: Version | null, nowMs: number, expiryMs: number, error: string): Verdict {
  if (current === null) return { kind: "keep", reply: (out) => out.null() };
  if (error !== "") return { kind: "keep", reply: (out) => out.error(error) };
  const { value } = current;
  const reply: Verdict["reply"] = (out) => out.bulk(value);
  if (expiryMs === current.expiryMs) return { kind: "keep", reply };
  if (expiryMs !== 0 && expiryMs <= nowMs) return { kind: "delete", reply };
  return { kind: "put", value, expiryMs, reply };
}

function replyValue(slot: ReplySlot, result: GetResult): void {
  const version = result.newestLive();
  const out = slot.begin();
  if (version === null) out.null();
  else out.bulk(version.value);
  slot.end();
}

function ranging(name: string, since: string): Command {
  return command({
    ...oneKey,
    name,
    arity: 4,
    flags: ["readonly"],
    since,
    summary: "Get the bytes of a value from one place to another, both included; -1 is the last",
    effect: "read",
    carriesValues: true,
    run: range,
  });
}

function range(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const first = decimalOf(argument(args, 2));
  const last = decimalOf(argument(args, 3));
  if (Number.isNaN(first) || Number.isNaN(last)) {
    slot.error(NOT_AN_INTEGER);
    return;
  }
  fillRead(slot.getCall, session, argument(args, 1), false);
  slot.get(session.face.member, (asked, result) => {
    const out = asked.begin();
    out.bulk(part(result.newestLive()?.value ?? new Uint8Array(), first, last));
    asked.end();
  });
}

/** Places below 0 count from the end. */
function part(value: Bytes, first: number, last: number): Bytes {
  if (first < 0 && last < 0 && first > last) return value.subarray(0, 0);
  const from = Math.max(0, first < 0 ? value.length + first : first);
  const to = Math.min(value.length - 1, Math.max(0, last < 0 ? value.length + last : last));
  return from > to ? value.subarray(0, 0) : value.subarray(from, to + 1);
}
