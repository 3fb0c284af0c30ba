/**
 * How two copies of a record become one, and what a write makes of the copy it finds.
 *
 * merge: a version stays iff both sides have it, or the side that lacks it does not claim its dot; contexts are
 * joined. Commutative, associative and idempotent on reachable states (those where a clock minted for a key
 * exceeds everything its author had seen of it). After Almeida, Baquero et al., "Scalable and Accurate Causality
 * Tracking for Eventually Consistent Stores" (DVVSet), DAIS 2014, with runs in place of actors.
 */
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import { claimedOf, contextBeyond, contextDominates, contextUnion, contextWith } from "./causal-context.ts";
import type { Dot, Version } from "./dot.ts";
import { type SeenContext, hasSeen } from "./seen-context.ts";
import { contextOf, encodeRecord, headOf, versionsOf } from "./record.ts";
import {
  ENTRY_BYTES,
  FIXED_BYTES,
  readU32,
  readU64,
  versionAt,
  versionClock,
  versionCount,
  versionRun,
} from "./record-layout.ts";

/** Whether a context claims a dot. */
function claims(context: Bytes, dot: Dot): boolean {
  return claimedOf(context, dot.member, dot.start) >= dot.clock;
}

/** Whether a record or head has a version with this dot. */
export function hasDot(record: Bytes | null, member: number, start: number, clock: number): boolean {
  if (record === null) return false;
  for (let i = versionCount(record) - 1; i >= 0; i--) {
    const at = versionAt(record, i);
    if (versionClock(record, at) !== clock) continue;
    const entry = FIXED_BYTES + versionRun(record, at) * ENTRY_BYTES;
    if (readU32(record, entry) === member && readU64(record, entry + 4) === start) return true;
  }
  return false;
}

/** Whether two records or heads name the same dots and contexts, and so are the same record. */
export function sameRecord(a: Bytes | null, b: Bytes | null): boolean {
  if (a === null || b === null) return a === b;
  return bytesEqual(headOf(a), headOf(b));
}

/** Whether some version's dot is not claimed by the context. */
function hasUnclaimed(record: Bytes, context: Bytes): boolean {
  const count = versionCount(record);
  for (let i = 0; i < count; i++) {
    const at = versionAt(record, i);
    const entry = FIXED_BYTES + versionRun(record, at) * ENTRY_BYTES;
    if (claimedOf(context, readU32(record, entry), readU64(record, entry + 4)) < versionClock(record, at))
      return true;
  }
  return false;
}

/**
 * Whether merging `held` into `incoming` gives `incoming` itself: it claims all that `held` claims, and `held` has
 * superseded none of its versions. Heads suffice. This is what lets a replica store a write without reading values.
 */
export function supersedes(incoming: Bytes, held: Bytes | null): boolean {
  if (held === null) return true;
  if (!contextDominates(contextOf(incoming), contextOf(held))) return false;
  const context = contextOf(held);
  const count = versionCount(incoming);
  for (let i = 0; i < count; i++) {
    const at = versionAt(incoming, i);
    const entry = FIXED_BYTES + versionRun(incoming, at) * ENTRY_BYTES;
    const member = readU32(incoming, entry);
    const start = readU64(incoming, entry + 4);
    const clock = versionClock(incoming, at);
    if (claimedOf(context, member, start) >= clock && !hasDot(held, member, start, clock)) return false;
  }
  // What `held` has and `incoming` lacks is claimed by `incoming`, because held claims its own dots. What both have stays.
  return true;
}

/** The join of two whole records. Gives back one of the two when it is the answer. */
export function mergeRecords(a: Bytes | null, b: Bytes | null): Bytes | null {
  if (a === null) return b;
  if (b === null || a === b) return a;
  if (supersedes(a, b)) return a;
  if (supersedes(b, a)) return b;
  const contextA = contextOf(a);
  const contextB = contextOf(b);
  const kept: Version[] = [];
  for (const version of versionsOf(a)) {
    const { member, start, clock } = version.dot;
    if (hasDot(b, member, start, clock) || !claims(contextB, version.dot)) kept.push(version);
  }
  for (const version of versionsOf(b)) {
    const { member, start, clock } = version.dot;
    if (!hasDot(a, member, start, clock) && !claims(contextA, version.dot)) kept.push(version);
  }
  return encodeRecord(contextUnion(contextA, contextB), kept);
}

/**
 * What a write with a client's context makes: the versions he has seen go, the others stay beside the new one.
 * `held` must be whole unless he has seen all its versions. The new dot must be in no context yet.
 */
export function writeWithContext(held: Bytes | null, seen: SeenContext, version: Version): Bytes {
  const { member, start, clock } = version.dot;
  const kept = versionsOf(held).filter((old) => !hasSeen(seen, old.dot));
  kept.push(version);
  return encodeRecord(contextWith(contextUnion(contextOf(held), seen.claims), member, start, clock), kept);
}

/**
 * `held` with the claims of `older` added: what they cover goes. How an overwrite supersedes what other homes turn
 * out to hold: it removes what was found, and mints nothing, so it cannot bring itself back where somebody has
 * removed it in the meantime. All claims must be below the clock of the overwrite: of two that find each other, each
 * would otherwise remove the other.
 */
export function coverOlder(held: Bytes, older: Bytes): Bytes {
  const kept = versionsOf(held).filter(({ dot }) => claimedOf(older, dot.member, dot.start) < dot.clock);
  return encodeRecord(contextUnion(contextOf(held), older), kept);
}

/**
 * What a replica must name to the author of an overwrite: the claims it holds beyond the incoming record's, if any
 * of its versions would stay beside the new one; else nothing.
 */
export function uncovered(held: Bytes | null, incoming: Bytes): Bytes {
  const context = contextOf(incoming);
  if (held === null || !hasUnclaimed(held, context)) return contextOf(null);
  return contextBeyond(contextOf(held), context);
}
