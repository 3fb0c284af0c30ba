/** SCAN, KEYS, RANDOMKEY: the keys of the whole namespace, from any member. */
import { SCAN_CURSOR_MAX, SLOTS, type Bytes } from "@kvorum/core";
import { argument, latin1, wholeNumber } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { PATTERN_CHARS_MAX, globMatchesKey } from "../glob.ts";
import { replyKeyList } from "../key-list.ts";
import { replyRandomKey } from "../random-key.ts";
import type { ReplySlot } from "../reply-slot.ts";
import { ScanWalk, walkTime } from "../scan-walk.ts";
import type { Session } from "../session.ts";

/** How long a command may go through keys that answers only at the end. */
export const WALK_TIMEOUT_MS = 10_000;
/** Keys of a page for such a command. */
export const WALK_COUNT = 1_000;

/** More than in Redis: a page takes a round trip between members. */
const COUNT_DEFAULT = 100;
/** Larger ones are as good as this: a page has its own bounds. */
const COUNT_MAX = 100_000;

const group = "generic";

export const SCAN_COMMANDS: readonly Command[] = [
  command({
    name: "scan",
    arity: -2,
    flags: ["readonly"],
    group,
    since: "2.8.0",
    summary: "Go on through the keys of the whole namespace from a cursor",
    effect: "read",
    run: scan,
  }),
  command({
    name: "keys",
    arity: 2,
    flags: ["readonly"],
    group,
    summary: "List all keys that match a pattern, if they fit in one reply",
    effect: "read",
    carriesValues: true,
    run: keys,
  }),
  command({
    name: "randomkey",
    arity: 1,
    flags: ["readonly"],
    group,
    summary: "Return some key of the namespace",
    effect: "read",
    run: (session, slot) => replyRandomKey(session, slot, WALK_TIMEOUT_MS),
  }),
];

interface ScanOptions {
  pattern: string | null;
  count: number;
  isOfStrings: boolean;
  error: string;
}

function scan(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const cursor = wholeNumber(argument(args, 1), 0, SCAN_CURSOR_MAX);
  const { pattern, count, isOfStrings, error } = scanOptions(args);
  if (Number.isNaN(cursor) || error !== "") {
    slot.error(Number.isNaN(cursor) ? "ERR invalid cursor" : error);
    return;
  }
  if (!isOfStrings) {
    // All keys are strings.
    replyPage(slot, [], 0);
    return;
  }
  let found: Bytes[] = [];
  let next = 0;
  new ScanWalk(
    session,
    slot,
    { cursor, slotEnd: SLOTS, count },
    walkTime(session, session.face.member.limits.timeoutMsDefault),
    {
      take(live, after) {
        found = live.filter(matcher(pattern));
        next = after;
        return true;
      },
      done: (waiting) => replyPage(waiting, found, next),
    },
  ).start();
}

function replyPage(slot: ReplySlot, keysFound: readonly Bytes[], cursor: number): void {
  const out = slot.begin();
  out.array(2);
  out.text(String(cursor));
  out.array(keysFound.length);
  for (const key of keysFound) out.bulk(key);
  slot.end();
}

function scanOptions(args: readonly Bytes[]): ScanOptions {
  const options: ScanOptions = { pattern: null, count: COUNT_DEFAULT, isOfStrings: true, error: "" };
  for (let i = 2; i < args.length && options.error === ""; i += 2) {
    const value = args[i + 1];
    if (value === undefined) options.error = "ERR syntax error";
    else readOption(options, argument(args, i), value);
  }
  return options;
}

function readOption(options: ScanOptions, option: Bytes, value: Bytes): void {
  if (isWord(option, "match")) {
    options.pattern = latin1(value);
    options.error = patternError(value);
  } else if (isWord(option, "count")) {
    const count = wholeNumber(value, -Infinity, Infinity);
    if (Number.isNaN(count)) options.error = "ERR value is not an integer or out of range";
    else if (count < 1) options.error = "ERR syntax error";
    options.count = Math.min(count, COUNT_MAX);
  } else if (isWord(option, "type")) options.isOfStrings = isWord(value, "string");
  else options.error = "ERR syntax error";
}

function keys(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const pattern = argument(args, 1);
  const error = patternError(pattern);
  if (error !== "") {
    slot.error(error);
    return;
  }
  replyKeyList(session, slot, {
    way: { cursor: 0, slotEnd: SLOTS, count: WALK_COUNT },
    walkMs: WALK_TIMEOUT_MS,
    wanted: matcher(latin1(pattern)),
    most: Infinity,
  });
}

function patternError(pattern: Bytes): string {
  if (pattern.length <= PATTERN_CHARS_MAX) return "";
  return `TOOLARGE pattern is ${pattern.length} bytes, the limit is ${PATTERN_CHARS_MAX} (patternCharsMax)`;
}

function matcher(pattern: string | null): (key: Bytes) => boolean {
  if (pattern === null || pattern === "*") return () => true;
  return (key) => globMatchesKey(pattern, latin1(key));
}
