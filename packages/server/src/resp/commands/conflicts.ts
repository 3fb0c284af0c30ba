/**
 * KV.CONFLICTS [NAMESPACE name] [KEY key] [COUNT n] [CURSOR c] [TIMEOUT ms]: what members have dropped that nobody had
 * read, from the ledgers of all that can be reached, the newest first. With NAMESPACE those of one namespace, with KEY
 * those of one key, in that namespace or else the connection's.
 */
import {
  dotText,
  msOfHlc,
  type Bytes,
  type ConflictCursor,
  type ConflictsPage,
  type ConflictsRequest,
  type FoundConflict,
  type MemberApi,
} from "@kvorum/core";
import { argument, latin1, wholeNumber } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord } from "../command-table.ts";
import { namespaceNamed } from "../namespaces.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { ReplyWriter } from "../reply-writer.ts";
import type { Session } from "../session.ts";

export const CONFLICTS_COMMAND: Command = command({
  name: "kv.conflicts",
  arity: -1,
  flags: ["readonly"],
  group: "kvorum",
  summary: "List what was dropped that nobody had read: losers of concurrent writes, overwritten siblings",
  effect: "read",
  carriesValues: true,
  run: conflicts,
});

const COUNT_DEFAULT = 20;
const OPTIONS = ["NAMESPACE", "KEY", "COUNT", "CURSOR", "TIMEOUT"] as const;
const ECHO_CHARS_MAX = 64;
const EVERY_NAMESPACE = 0;

function conflicts(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { member } = session.face;
  const request = requestOf(session, args);
  if (typeof request === "string") slot.error(request);
  else slot.conflicts(member, request, (waiting, page) => reply(waiting, member, page));
}

type Wanted = { -readonly [Name in keyof ConflictsRequest]: ConflictsRequest[Name] };

/** A text is what is wrong. */
function requestOf({ face, namespace }: Session, args: readonly Bytes[]): ConflictsRequest | string {
  const { limits } = face.member;
  const request: Wanted = {
    namespace: EVERY_NAMESPACE,
    key: null,
    count: Math.min(COUNT_DEFAULT, limits.conflictPageMax),
    below: null,
    timeoutMs: limits.timeoutMsDefault,
  };
  const seen = new Set<string>();
  for (let i = 1; i < args.length; i += 2) {
    const word = argument(args, i);
    const option = OPTIONS.find((name) => isWord(word, name.toLowerCase()));
    const value = args[i + 1];
    if (option === undefined)
      return `ERR unknown option '${latin1(word.subarray(0, ECHO_CHARS_MAX))}'; known are ${OPTIONS.join(", ")}`;
    if (seen.has(option)) return `ERR option ${option} is given twice`;
    if (value === undefined) return `ERR option ${option} needs a value`;
    seen.add(option);
    const problem = take(request, face.member, option, value);
    if (problem !== "") return problem;
  }
  const isOfKey = request.key !== null && request.namespace === EVERY_NAMESPACE;
  return isOfKey ? { ...request, namespace } : request;
}

/** Empty, or what is wrong with the value. */
function take(
  request: Wanted,
  { limits, topology }: MemberApi,
  option: (typeof OPTIONS)[number],
  value: Bytes,
): string {
  switch (option) {
    case "NAMESPACE": {
      const found = namespaceNamed(topology, value);
      if (typeof found === "string") return found;
      request.namespace = found.id;
      return "";
    }
    case "KEY":
      request.key = value;
      return value.length <= limits.keyBytesMax
        ? ""
        : `TOOLARGE key is ${value.length} bytes, the limit is ${limits.keyBytesMax} (keyBytesMax)`;
    case "COUNT":
      request.count = wholeNumber(value, 1, limits.conflictPageMax);
      return Number.isNaN(request.count)
        ? `ERR COUNT must be a number from 1 to ${limits.conflictPageMax} (conflictPageMax)`
        : "";
    case "CURSOR":
      request.below = cursorOf(latin1(value.subarray(0, ECHO_CHARS_MAX)));
      return request.below === null ? "ERR CURSOR must be the cursor of an earlier answer" : "";
    case "TIMEOUT":
      request.timeoutMs = wholeNumber(value, 1, limits.timeoutMsMax);
      return Number.isNaN(request.timeoutMs)
        ? `ERR TIMEOUT must be a number of ms from 1 to ${limits.timeoutMsMax} (timeoutMsMax)`
        : "";
  }
}

const U32_MAX = 4_294_967_295;

function cursorOf(text: string): ConflictCursor | null {
  const [, ...parts] = /^(\d{1,16})\.(\d{1,10})\.(\d{1,10})$/.exec(text) ?? [];
  const [instant, member, number] = parts.map(Number);
  if (instant === undefined || member === undefined || number === undefined) return null;
  if (!Number.isSafeInteger(instant) || member > U32_MAX || number > U32_MAX) return null;
  return { instant, member, number };
}

function reply(slot: ReplySlot, { topology }: MemberApi, { entries, unasked, next }: ConflictsPage): void {
  const names = new Map(topology.namespaces.map(({ id, name }) => [id, name]));
  const out = slot.begin();
  out.map(3);
  out.text("conflicts");
  out.array(entries.length);
  for (const entry of entries) writeEntry(out, entry, names.get(entry.namespace) ?? "");
  out.text("unasked");
  out.array(unasked.length);
  for (const member of unasked) out.integer(member);
  out.text("cursor");
  out.text(next === null ? "" : `${next.instant}.${next.member}.${next.number}`);
  slot.end();
}

function writeEntry(out: ReplyWriter, entry: FoundConflict, namespace: string): void {
  out.map(11);
  out.text("at_ms");
  out.integer(msOfHlc(entry.instant));
  out.text("member");
  out.integer(entry.member);
  out.text("namespace");
  out.text(namespace);
  out.text("key");
  out.bulk(entry.key);
  out.text("kind");
  out.text(entry.kind);
  out.text("dot");
  out.text(dotText(entry.dot));
  out.text("version");
  out.text(entry.versionKind);
  out.text("expires_ms");
  out.integer(entry.expiryMs);
  out.text("bytes");
  out.integer(entry.valueBytes);
  if (entry.value === null) {
    out.text("digest");
    out.text(Buffer.from(entry.digest ?? []).toString("hex"));
  } else {
    out.text("value");
    out.bulk(entry.value);
  }
  out.text("winner");
  out.text(dotText(entry.winner));
}
