/** A record as a reader is shown it: by the policy of its namespace. */
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import { type TokenScope, encodeToken } from "../version/context-token.ts";
import type { Version } from "../version/dot.ts";
import { liveWinnerOf, seenOfWinner } from "../version/last-writer.ts";
import { isHeadOnly, newestLive, versionsOf } from "../version/record.ts";
import { seenOf } from "../version/seen-context.ts";

/** The newest live version, or null. */
export function liveVersionOf(record: Bytes | null, lww: boolean, nowMs: number): Version | null {
  return lww ? liveWinnerOf(record, nowMs) : newestLive(record, nowMs);
}

/** All versions, newest first. Those of equal kind, bytes and expiry show as one, unless only heads are at hand. */
export function shownVersions(record: Bytes | null, lww: boolean): Version[] {
  if (lww) return versionsOf(record).slice(-1);
  const headOnly = record !== null && isHeadOnly(record);
  const shown: Version[] = [];
  for (const version of versionsOf(record).toReversed()) {
    if (headOnly || !shown.some((other) => looksEqual(other, version))) shown.push(version);
  }
  return shown;
}

/** What the reader may say that he has seen. Under `lww` he has not seen what only a merge would drop. */
export function readToken(record: Bytes | null, lww: boolean, scope: TokenScope, key: Bytes): string {
  return encodeToken(scope, key, lww ? seenOfWinner(record) : seenOf(record));
}

function looksEqual(a: Version, b: Version): boolean {
  return a.kind === b.kind && a.expiryMs === b.expiryMs && bytesEqual(a.value, b.value);
}
