/** Filling in conditional writes as plain Redis commands make them, and how most of them are answered. */
import { EMPTY_BYTES, type Bytes, type ConditionalResult } from "@kvorum/core";
import type { ConditionalCall, ReplySlot } from "../reply-slot.ts";
import type { Scope } from "../session.ts";

/** One that changes nothing, whatever is there: what it is to do is filled in by its command. */
export function fillConditional(slot: ReplySlot, session: Scope, key: Bytes): ConditionalCall {
  const call = slot.conditionalCall;
  call.namespace = session.namespace;
  call.key = key;
  call.condition = "none";
  call.operand = EMPTY_BYTES;
  call.change = "none";
  call.value = EMPTY_BYTES;
  call.offset = 0;
  call.expiry = "clear";
  call.expiryMs = 0;
  call.want = "nothing";
  call.wantReceipt = false;
  call.timeoutMs = session.defaults.timeoutMs;
  return call;
}

/** The value that was wanted, or nil. */
export function replyBulk(slot: ReplySlot, { bytes }: ConditionalResult): void {
  const out = slot.begin();
  if (bytes === null) out.null();
  else out.bulk(bytes);
  slot.end();
}

/** A number in digits. */
export function replyDigits(slot: ReplySlot, { bytes }: ConditionalResult): void {
  slot.begin().digits(bytes ?? EMPTY_BYTES);
  slot.end();
}

/** 1 where the condition held. */
export function replyHeld(slot: ReplySlot, { code }: ConditionalResult): void {
  slot.integer(code === "OK" ? 1 : 0);
}
