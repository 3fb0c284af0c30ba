/**
 * Conditional writes of one key that are decided together: each on what the one before it left, and all of them by one
 * proposal. Every write has a dot of its own, so that the token of one author does not claim what came after.
 */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Limits } from "../config/limits.ts";
import type { ConflictPolicy } from "../model/namespace.ts";
import { casDot } from "../version/cas-run.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import { type TokenScope, decodeToken } from "../version/context-token.ts";
import type { Version } from "../version/dot.ts";
import { liveWinnerOf } from "../version/last-writer.ts";
import { contextOf, isLiveVersion, newestLive, versionsOf } from "../version/record.ts";
import { hasSeen, knowsSeen } from "../version/seen-context.ts";
import type { ForwardedConditional } from "../wire/messages.ts";
import { type Written, writeOver } from "./build-record.ts";
import { type NextValue, changeOf, conditionHolds, needsOneValue } from "./conditional-change.ts";

export interface BatchRules {
  readonly limits: Limits;
  readonly policy: ConflictPolicy;
  readonly scope: TokenScope;
  /** The instant by which expiry is judged, ms since 1970. */
  readonly nowMs: number;
  /** A clock above `floor`; 0: none can be had now. */
  readonly mint: (floor: number) => number;
}

/** How one of them ends, if the proposal is chosen. */
export interface Verdict {
  readonly code: OutcomeCode;
  readonly text: string;
  readonly existed: boolean;
  readonly bytes: Bytes | null;
  /** Null: it changes nothing. */
  readonly written: Written | null;
}

export interface Decided {
  /** One for each, in order; fewer when clocks ran out. */
  readonly verdicts: Verdict[];
  /** What they leave: the base itself when nothing changes. */
  readonly record: Bytes | null;
  /** Those that changed something, in order. */
  readonly writes: Written[];
}

/** `base`: whole. */
export function decide(
  base: Bytes | null,
  requests: readonly ForwardedConditional[],
  rules: BatchRules,
): Decided {
  const verdicts: Verdict[] = [];
  const writes: Written[] = [];
  let record = base;
  for (const request of requests) {
    const verdict = judge(record, request, rules);
    if (verdict === null) break;
    verdicts.push(verdict);
    if (verdict.written === null) continue;
    writes.push(verdict.written);
    record = verdict.written.record;
  }
  return { verdicts, record, writes };
}

/** Null: no clock could be had. */
function judge(record: Bytes | null, request: ForwardedConditional, rules: BatchRules): Verdict | null {
  const { nowMs, policy, limits } = rules;
  const live = policy === "lww" ? liveWinnerOf(record, nowMs) : newestLive(record, nowMs);
  const existed = live !== null;
  const end = (code: OutcomeCode, text: string): Verdict => ({
    code,
    text,
    existed,
    bytes: code === "OK" || code === "CONDITION" ? found(record, request, live) : null,
    written: null,
  });
  if (policy !== "lww" && needsOneValue(request)) {
    const count = versionsOf(record).filter((version) => isLiveVersion(version, nowMs)).length;
    if (count > 1)
      return end("CONFLICT", `the key has ${count} siblings; read it with KV.GET and write with its context`);
  }
  const holds =
    request.condition === "context" ? isExactly(record, request, rules) : conditionHolds(request, live);
  if (!holds) return end("CONDITION", "");
  const { refused, next } = changeOf(request, live, limits);
  if (refused !== null) return end(refused.code, refused.text);
  if (next === null) return end("OK", "");
  const clock = rules.mint(contextMaxClock(contextOf(record)));
  if (clock === 0) return null;
  const written = writeOver(record, EMPTY_BYTES, { dot: casDot(clock), ...next }, nowMs, null);
  if (written === null) return end("DAMAGED", "");
  const beyond = written.beyond(limits);
  if (beyond !== null) return end(beyond.code, beyond.text);
  return { code: "OK", text: "", existed, bytes: wanted(request, live, next), written };
}

/** Whether all of the record was seen by the author of a token, and nothing else was. */
function isExactly(
  record: Bytes | null,
  { key, operand }: ForwardedConditional,
  { scope, policy }: BatchRules,
): boolean {
  const seen = decodeToken(scope, key, latin1Decode(operand));
  if (seen === null || !knowsSeen(record, seen)) return false;
  // Under `lww` a reader is shown the winner alone.
  const shown = versionsOf(record).slice(policy === "lww" ? -1 : 0);
  return shown.every(({ dot }) => hasSeen(seen, dot));
}

/** What comes back when nothing is written. */
function found(record: Bytes | null, { want }: ForwardedConditional, live: Version | null): Bytes | null {
  if (want === "record") return record;
  if (live === null) return want === "length" ? latin1Encode("0") : null;
  return want === "length" ? latin1Encode(`${live.value.length}`) : want === "nothing" ? null : live.value;
}

/** What comes back when something is. */
function wanted({ want }: ForwardedConditional, live: Version | null, next: NextValue): Bytes | null {
  if (want === "before") return live === null ? null : live.value;
  if (want === "after") return next.value;
  return want === "length" ? latin1Encode(`${next.value.length}`) : null;
}
