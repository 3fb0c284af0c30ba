/** KV.GET, KV.PUT, KV.DEL, KV.EXPLAIN: for what Redis has no word for. Replies are maps with stable names. */
import {
  dotText,
  type Bytes,
  type ConditionalResult,
  type Explanation,
  type GetResult,
  type HomeView,
  type PutResult,
  type Receipt,
  type Version,
} from "@kvorum/core";
import { argument } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { ReplyWriter } from "../reply-writer.ts";
import type { Session } from "../session.ts";
import { fillDelete, fillPut, fillRead } from "./calls.ts";
import { fillConditional } from "./conditional-call.ts";
import { parseKvOptions, type KvOption, type KvOptions } from "./kv-options.ts";

/** What all acknowledged writes tell. */
type Written = Pick<PutResult, "existed" | "receipt">;

const oneKey = { firstKey: 1, lastKey: 1, step: 1, group: "kvorum" } as const;

const GET_OPTIONS: readonly KvOption[] = ["r", "repair", "fallbacks", "timeout", "serial"];
const WRITE_OPTIONS: readonly KvOption[] = [
  "context",
  "w",
  "durability",
  "fallbacks",
  "timeout",
  "ifcontext",
  "ifvalue",
];
const DELETE_OPTIONS: readonly KvOption[] = [...WRITE_OPTIONS, "ifpresent"];
const PUT_OPTIONS: readonly KvOption[] = [...WRITE_OPTIONS, "ttl", "ifabsent", "ifpresent"];
const EXPLAIN_OPTIONS: readonly KvOption[] = ["timeout"];

export const KV_COMMANDS: readonly Command[] = [
  command({
    ...oneKey,
    name: "kv.get",
    arity: -2,
    flags: ["readonly"],
    summary: "Get all versions of a key, a context to write with, and which homes answered",
    effect: "read",
    carriesValues: true,
    run: get,
  }),
  command({
    ...oneKey,
    name: "kv.put",
    arity: -3,
    flags: ["write", "denyoom"],
    summary: "Set the value of a key and get a receipt",
    effect: "write",
    looksFirst: true,
    run: put,
  }),
  command({
    ...oneKey,
    name: "kv.del",
    arity: -2,
    flags: ["write"],
    summary: "Delete a key and get a receipt",
    effect: "write",
    looksFirst: true,
    run: del,
  }),
  command({
    ...oneKey,
    name: "kv.explain",
    arity: -2,
    flags: ["readonly"],
    summary: "Where a key lives, and what each of its homes holds",
    effect: "read",
    carriesValues: true,
    run: explain,
  }),
];

function get(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { member } = session.face;
  const options = parseKvOptions(session, args, 2, GET_OPTIONS);
  if (options.error !== "") {
    slot.error(options.error);
    return;
  }
  if (options.serial) {
    const call = fillConditional(slot, session, argument(args, 1));
    call.want = "record";
    call.timeoutMs = options.timeoutMs;
    slot.conditional(member, (asked, { read }) => {
      if (read !== null) replyVersions(asked, read);
    });
    return;
  }
  const call = fillRead(slot.getCall, session, argument(args, 1), false);
  call.r = options.r;
  call.plain = options.saysR;
  call.repair = options.repair;
  call.timeoutMs = options.timeoutMs;
  slot.get(member, replyVersions);
}

function replyVersions(slot: ReplySlot, result: GetResult): void {
  const all = result.versions();
  const live = all.filter((version) => isLive(version, result.nowMs));
  const token = result.token();
  const out = slot.begin();
  out.map(4);
  out.text("versions");
  out.array(live.length);
  for (const version of live) {
    out.map(version.expiryMs === 0 ? 2 : 3);
    out.text("value");
    out.bulk(version.value);
    out.text("dot");
    out.text(dotText(version.dot));
    if (version.expiryMs === 0) continue;
    out.text("expires_ms");
    out.integer(version.expiryMs);
  }
  out.text("tombstones");
  out.integer(all.filter(({ kind }) => kind === "tombstone").length);
  out.text("context");
  out.text(token);
  out.text("receipt");
  out.map(3);
  out.text("r");
  out.integer(result.r);
  out.text("answered");
  writeIntegers(out, result.answered);
  out.text("epoch");
  out.integer(result.epoch);
  slot.end();
}

function isLive({ kind, expiryMs }: Version, nowMs: number): boolean {
  return kind === "value" && (expiryMs === 0 || expiryMs > nowMs);
}

function put(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  fillPut(slot.putCall, session, argument(args, 1), argument(args, 2));
  write(session, slot, args, 3, PUT_OPTIONS, replyPut);
}

function del(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  fillDelete(slot.putCall, session, argument(args, 1));
  write(session, slot, args, 2, DELETE_OPTIONS, replyDeleted);
}

function write(
  session: Session,
  slot: ReplySlot,
  args: readonly Bytes[],
  from: number,
  known: readonly KvOption[],
  reply: (slot: ReplySlot, result: Written) => void,
): void {
  const { member } = session.face;
  const options = parseKvOptions(session, args, from, known);
  if (options.error !== "") {
    slot.error(options.error);
    return;
  }
  if (options.condition !== "none") {
    writeIf(session, slot, args, options, reply);
    return;
  }
  const call = slot.putCall;
  call.context = options.context;
  call.expiryMs = options.expiryMs;
  call.w = options.w;
  call.durability = options.durability;
  call.fallbacks = options.fallbacks;
  call.timeoutMs = options.timeoutMs;
  call.wantReceipt = true;
  slot.put(member, reply);
}

/** Its condition is decided by a majority of the homes. */
function writeIf(
  session: Session,
  slot: ReplySlot,
  args: readonly Bytes[],
  options: KvOptions,
  reply: (slot: ReplySlot, result: Written) => void,
): void {
  const call = fillConditional(slot, session, argument(args, 1));
  call.condition = options.condition;
  call.operand = options.operand;
  call.change = slot.putCall.kind;
  call.value = slot.putCall.value;
  call.expiry = options.expiryMs === 0 ? "clear" : "at";
  call.expiryMs = options.expiryMs;
  call.want = "record";
  call.wantReceipt = true;
  call.timeoutMs = options.timeoutMs;
  slot.conditional(session.face.member, (asked, result) => {
    if (result.code === "OK") reply(asked, result);
    else asked.error(`CONDITION the condition does not hold; nothing was written; ${found(result)}`);
  });
}

/** What was found instead, to go on from. */
function found({ read, existed }: ConditionalResult): string {
  const token = read?.token() ?? "";
  return `${existed ? "there is a value" : "there is no value"}, its context is ${token}`;
}

function replyPut(slot: ReplySlot, result: Written): void {
  const out = slot.begin();
  writeReceipt(out, result.receipt);
  slot.end();
}

/** A delete that found nothing to remove wrote nothing, and has no receipt. */
function replyDeleted(slot: ReplySlot, result: Written): void {
  const out = slot.begin();
  out.map(2);
  out.text("existed");
  out.integer(result.existed ? 1 : 0);
  out.text("receipt");
  writeReceipt(out, result.receipt);
  slot.end();
}

function writeReceipt(out: ReplyWriter, receipt: Receipt | null): void {
  if (receipt === null) {
    out.null();
    return;
  }
  out.map(10);
  out.text("context");
  out.text(receipt.token);
  out.text("dot");
  out.text(dotText(receipt.dot));
  out.text("coordinator");
  out.integer(receipt.coordinator);
  out.text("w");
  out.integer(receipt.w);
  out.text("homes");
  writeIntegers(out, receipt.homes);
  out.text("fallbacks");
  writeIntegers(out, receipt.fallbacks);
  out.text("fsynced");
  out.integer(receipt.fsynced);
  out.text("zones");
  writeTexts(out, receipt.zones);
  out.text("regions");
  writeTexts(out, receipt.regions);
  out.text("epoch");
  out.integer(receipt.epoch);
}

function explain(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const { member } = session.face;
  const options = parseKvOptions(session, args, 2, EXPLAIN_OPTIONS);
  if (options.error !== "") {
    slot.error(options.error);
    return;
  }
  slot.explain(member, session.namespace, argument(args, 1), options.timeoutMs, replyExplanation);
}

function replyExplanation(slot: ReplySlot, explanation: Explanation): void {
  const out = slot.begin();
  out.map(8);
  out.text("slot");
  out.integer(explanation.slot);
  out.text("partition");
  out.integer(explanation.partition);
  out.text("homes");
  writeIntegers(out, explanation.homes);
  out.text("fallbacks");
  writeIntegers(out, explanation.fallbacks);
  out.text("coordinator");
  out.integer(explanation.coordinator);
  out.text("epoch");
  out.integer(explanation.epoch);
  out.text("equal");
  out.boolean(explanation.equal);
  out.text("views");
  out.array(explanation.views.length);
  for (const view of explanation.views) writeView(out, view);
  slot.end();
}

function writeView(out: ReplyWriter, { member, code, versions, context, acceptor }: HomeView): void {
  out.map(acceptor === null ? 4 : 5);
  out.text("member");
  out.integer(member);
  out.text("code");
  out.text(code);
  out.text("versions");
  out.array(versions.length);
  for (const { dot, kind, expiryMs } of versions) {
    out.map(expiryMs === 0 ? 2 : 3);
    out.text("dot");
    out.text(dotText(dot));
    out.text("kind");
    out.text(kind);
    if (expiryMs === 0) continue;
    out.text("expires_ms");
    out.integer(expiryMs);
  }
  out.text("context");
  writeTexts(out, context.map(dotText));
  if (acceptor === null) return;
  out.text("acceptor");
  out.map(3);
  out.text("promised");
  out.text(acceptor.promised);
  out.text("accepted");
  out.text(acceptor.accepted);
  out.text("unfinished");
  out.boolean(acceptor.unfinished);
}

function writeIntegers(out: ReplyWriter, values: readonly number[]): void {
  out.array(values.length);
  for (const value of values) out.integer(value);
}

function writeTexts(out: ReplyWriter, values: readonly string[]): void {
  out.array(values.length);
  for (const value of values) out.text(value);
}
