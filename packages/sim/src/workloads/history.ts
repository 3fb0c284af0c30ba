/**
 * What clients saw: the only thing, besides what disks hold, that checkers may look at. A put writes the id of its
 * operation as its value, so that every value names the one write it comes from. Tombstones carry no bytes and look
 * alike.
 */
import type { Dot, Durability, MemberId } from "@kvorum/core";

export type OperationId = number;

/** `failed`: surely nothing was written. `unknown`: it may have been, or may yet be. */
export type Ending = "running" | "ok" | "failed" | "unknown";

export interface Operation {
  /** From 1. */
  readonly id: OperationId;
  readonly client: number;
  /** The member that was asked. */
  readonly member: MemberId;
  readonly kind: "get" | "put" | "delete";
  readonly key: string;
  /** Homes asked for (r or w), as a number. */
  readonly homes: number;
  /** Of a get: it was answered when so many homes held what it returned. */
  readonly levelsFirst: boolean;
  readonly durability: Durability;
  /** The operation whose token a write was given: a get, or an acknowledged write. Null: an overwrite. */
  readonly contextOf: OperationId | null;
  /** Of a write with a token: refused beside anything that its token does not name. */
  readonly onlyIfSeen: boolean;
  /** Decided by a majority of the homes: it has seen what any majority of them held. */
  readonly isConditional: boolean;
  /** The token is of another key, and the write has to be refused. */
  readonly isForeign: boolean;
  /** Of a put to a set: the elements it wrote, its own id among them. Of a get: all that it returned. */
  elements: readonly number[];
  readonly timeoutUs: number;
  /** Asked when whoever is needed had healed: it has to succeed, or to fail with one of these codes. */
  readonly isAfterHealing: boolean;
  readonly excuses: readonly string[];
  readonly invokedUs: number;
  /** Infinity while it runs and when its end is unknown: its effect may come at any time. */
  endedUs: number;
  ending: Ending;
  /** The outcome's code, or the client's own word for a lost connection. */
  code: string;
  /** The member answered, or was crashed or held up; false: it should have answered and did not. */
  isInTime: boolean;
  /** It was acknowledged and yet wrote nothing: a delete that found nothing to remove. */
  wroteNothing: boolean;
  /** Of an acknowledged write: the homes that its receipt names, the fallbacks, and the dot. */
  holders: readonly MemberId[];
  standIns: readonly MemberId[];
  dot: Dot | null;
  /** Of a get: the writes whose values it returned. */
  values: readonly OperationId[];
  /** Of a get: the write behind the one value that a plain GET shows, 0 for none; null where that is not known. */
  newest: OperationId | null;
  /** Of a get: how many tombstones it returned. */
  tombstones: number;
  /** Of a put: the instant at which it expires, ms since 1970; 0: never. */
  expiryMs: number;
  /** Of a get: those of `values` that it called expired, and the instant by which it did. */
  expired: readonly OperationId[];
  judgedMs: number;
  /** Of a get: the homes that its answer is made of. */
  answered: readonly MemberId[];
  /** What each member would have called the time when the operation began; 0 for one that was not there, or is another process by the time of the answer. By id - 1. */
  clocksMs: readonly number[];
  /** The highest that any member had called the time until it ended. */
  latestMs: number;
  /** The highest that the wall clock of the member asked had shown until it ended. */
  ownMs: number;
}

export interface History {
  /** How many homes each key has. */
  readonly n: number;
  /** In order of invocation; `operations[id - 1]` has that id. */
  readonly operations: readonly Operation[];
  /** Of all keys, in order of their ends. */
  readonly walks: readonly Walk[];
  /** Who lost power when: what a home had only acknowledged as `os` may be gone from it. */
  readonly powerCuts: readonly Loss[];
  /** Whose disk was lost when. Its member never comes back; what it may do before it notices counts for nothing. */
  readonly lostDisks: readonly Loss[];
  /** How far clocks may be apart before members refuse each other, and how far ahead a restart may begin. */
  readonly clockBoundMs: number;
}

/** All keys listed once, from the first page to the last, with all that happened in between. */
export interface Walk {
  readonly beganUs: number;
  readonly endedUs: number;
  /** In the order in which they were listed. */
  readonly keys: readonly string[];
}

export interface Loss {
  readonly member: MemberId;
  readonly atUs: number;
}

/** What is wrong, in words that need nothing else. */
export interface Violation {
  readonly checker: string;
  readonly key: string;
  readonly text: string;
  readonly operations: readonly OperationId[];
}

/**
 * Of the homes that acknowledged a write, those that must still hold it (or what replaced it) at this time. A damaged
 * copy counts: its member shows nothing until it has fetched what all the others hold.
 */
export function boundHolders(write: Operation, history: History, atUs: number): readonly MemberId[] {
  return stillBound(write, write.holders, history, atUs);
}

/**
 * Whether an acknowledged write must be found at its homes when everybody is back: a home must hold it, or a fallback
 * that must have given it to the home for which it stood in. A home whose disk is lost never comes back.
 */
export function isKept(write: Operation, history: History, atUs: number): boolean {
  if (boundHolders(write, history, atUs).length > 0) return true;
  return history.lostDisks.length === 0 && stillBound(write, write.standIns, history, atUs).length > 0;
}

function stillBound(
  { durability, invokedUs }: Operation,
  holders: readonly MemberId[],
  history: History,
  atUs: number,
): readonly MemberId[] {
  if (history.lostDisks.length === 0 && (durability === "fsync" || history.powerCuts.length === 0))
    return holders;
  return holders.filter((holder) => {
    if (history.lostDisks.some((loss) => loss.member === holder && loss.atUs <= atUs)) return false;
    if (durability === "fsync") return true;
    return !history.powerCuts.some(
      (cut) => cut.member === holder && cut.atUs >= invokedUs && cut.atUs <= atUs,
    );
  });
}

/**
 * Whether an acknowledged read must account for a write that was acknowledged before it began: a home that must hold
 * the write gave the read its answer, or so many homes were asked and hold it that they have one in common.
 */
export function mustMeet(read: Operation, write: Operation, history: History): boolean {
  const bound = boundHolders(write, history, read.endedUs);
  if (read.homes + bound.length > history.n) return bound.length > 0;
  return bound.some((holder) => read.answered.includes(holder));
}

/** One line for people. */
export function describe(operation: Operation): string {
  const { id, kind, key, member, homes, durability, contextOf, invokedUs, endedUs, ending, code } = operation;
  const how = kind === "get" ? `r=${homes}` : `w=${homes} ${durability}`;
  const foreign = operation.isForeign ? " (another key's)" : "";
  const context = contextOf === null ? "" : ` context of #${contextOf}${foreign}`;
  const expiry = operation.expiryMs === 0 ? "" : ` until ${operation.expiryMs}`;
  const end = endedUs === Infinity ? "" : ` to ${seconds(endedUs)}`;
  return `#${id} ${kind} ${key} at member ${member} ${how}${context}${expiry}: ${seconds(invokedUs)}${end} s ${ending} ${code}${result(operation)}`;
}

function result(operation: Operation): string {
  const { kind, ending, values, expired, tombstones, holders, standIns, answered } = operation;
  if (ending !== "ok") return "";
  if (kind !== "get") return heldBy(holders, standIns);
  const seen = values.map((value) => (expired.includes(value) ? `#${value} expired` : `#${value}`));
  if (tombstones > 0) seen.push("tombstone");
  return ` saw [${seen.join(" ")}] at [${answered.join(" ")}]`;
}

function heldBy(holders: readonly MemberId[], standIns: readonly MemberId[]): string {
  if (holders.length + standIns.length === 0) return "";
  const others = standIns.length === 0 ? "" : ` and kept by [${standIns.join(" ")}]`;
  return ` held by [${holders.join(" ")}]${others}`;
}

export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}
