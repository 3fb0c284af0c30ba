/**
 * How many operations succeeded where they should: asked of a member that nothing had struck, while at most one other
 * was struck, for no more homes than were left. A report for people, and no promise: clients here set deadlines that
 * a shared machine cannot always keep.
 */
import type { MemberId } from "@kvorum/core";
import type { Operation } from "../workloads/history.ts";
import { struckBy } from "./strike.ts";
import type { Struck } from "./strikes.ts";

const SECOND_US = 1_000_000;
/** What a strike meets under way is not counted, nor what begins before others have noticed it. */
const NOTICE_US = 2 * SECOND_US;

export interface Availability {
  /** Whole seconds that were counted. */
  readonly seconds: number;
  readonly operations: number;
  readonly succeeded: number;
  /** Of the worst second with ten operations or more: which one, and the part that succeeded, 0 to 1. */
  readonly worst: { readonly second: number; readonly part: number } | null;
}

const ENOUGH = 10;

export function availability(
  operations: readonly Operation[],
  struck: readonly Struck[],
  members: readonly MemberId[],
  majority: number,
): Availability {
  const bins = new Map<number, { all: number; succeeded: number }>();
  const downIn = new Map<number, ReadonlySet<MemberId> | null>();
  for (const { member, homes, invokedUs, ending, code, isForeign, isAfterHealing } of operations) {
    if (isAfterHealing || isForeign || code === "LEFT" || homes > majority) continue;
    const second = Math.floor(invokedUs / SECOND_US);
    let down = downIn.get(second);
    if (down === undefined) {
      down = downDuring(second, struck);
      downIn.set(second, down);
    }
    if (down === null || down.size > 1 || down.has(member) || down.size >= members.length) continue;
    const bin = bins.get(second) ?? { all: 0, succeeded: 0 };
    bins.set(second, bin);
    bin.all++;
    if (ending === "ok") bin.succeeded++;
  }
  let worst: Availability["worst"] = null;
  for (const [second, { all, succeeded }] of bins) {
    if (all >= ENOUGH && succeeded / all < (worst?.part ?? 2)) worst = { second, part: succeeded / all };
  }
  const sum = (of: (bin: { all: number; succeeded: number }) => number): number =>
    [...bins.values()].reduce((total, bin) => total + of(bin), 0);
  return {
    seconds: bins.size,
    operations: sum(({ all }) => all),
    succeeded: sum((bin) => bin.succeeded),
    worst,
  };
}

/** Whom something had struck in a second; null when a strike began then or a moment before. */
function downDuring(second: number, struck: readonly Struck[]): ReadonlySet<MemberId> | null {
  const fromUs = second * SECOND_US;
  const toUs = fromUs + SECOND_US;
  if (struck.some((one) => one.fromUs < toUs && one.fromUs + NOTICE_US > fromUs)) return null;
  const lasting = struck.filter((one) => one.fromUs < toUs && one.toUs + SECOND_US >= fromUs);
  // Two that are cut off from each other still reach the others, unless something has struck those too.
  if (lasting.length > 1 && lasting.some(({ strike }) => strike.cuts.length > 0)) return null;
  return new Set(lasting.flatMap(({ strike }) => struckBy(strike)));
}
