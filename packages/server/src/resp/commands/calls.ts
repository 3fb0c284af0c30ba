/** Filling in the requests that plain Redis commands make: with what their connection asks for. */
import { EMPTY_BYTES, type Bytes } from "@kvorum/core";
import type { GetCall, PutCall } from "../reply-slot.ts";
import type { Scope } from "../session.ts";

export function fillRead(call: GetCall, session: Scope, key: Bytes, headOnly: boolean): GetCall {
  call.namespace = session.namespace;
  call.key = key;
  call.r = session.defaults.r;
  call.headOnly = headOnly;
  call.repair = "after";
  call.plain = false;
  call.timeoutMs = session.defaults.timeoutMs;
  return call;
}

export function fillPut(call: PutCall, session: Scope, key: Bytes, value: Bytes): PutCall {
  call.kind = "put";
  call.namespace = session.namespace;
  call.key = key;
  call.value = value;
  call.context = null;
  call.onlyIfSeen = false;
  call.expiryMs = 0;
  call.w = session.defaults.w;
  call.durability = session.defaults.durability;
  call.fallbacks = session.defaults.fallbacks;
  call.timeoutMs = session.defaults.timeoutMs;
  call.wantReceipt = false;
  return call;
}

export function fillDelete(call: PutCall, session: Scope, key: Bytes): PutCall {
  fillPut(call, session, key, EMPTY_BYTES).kind = "delete";
  return call;
}
