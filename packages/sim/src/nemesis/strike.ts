/** What strikes real members, drawn from a stream of chance: kills, pauses and cuts, each for some time. */
import type { MemberId, Prng } from "@kvorum/core";
import { between, oneIn, pick } from "../world/draws.ts";

export const STRIKE_KINDS = [
  "kill-one",
  "kill-some",
  "kill-all",
  "pause",
  "cut",
  "cut-one-way",
  "isolate",
] as const;

export type StrikeKind = (typeof STRIKE_KINDS)[number];

/** Bytes from one to the other vanish, or both ways. */
export interface LinkCut {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly isOneWay: boolean;
}

export interface Strike {
  readonly kind: StrikeKind;
  /** How long after the step began. */
  readonly delayMs: number;
  /** Until it is mended. */
  readonly holdMs: number;
  readonly killed: readonly MemberId[];
  readonly paused: readonly MemberId[];
  readonly cuts: readonly LinkCut[];
}

/** One strike, or two that overlap, and the calm before. */
export interface Step {
  readonly calmMs: number;
  readonly strikes: readonly Strike[];
}

const CALM_MS_MIN = 500;
const CALM_MS_MAX = 5_000;
const OVERLAP_ONE_IN = 5;

/** The usual ones are drawn more often than those that stop everything. */
const DRAWN: readonly [StrikeKind, ...StrikeKind[]] = [
  ...(["kill-one", "kill-one", "kill-one", "kill-some", "kill-all"] as const),
  ...(["pause", "pause", "pause"] as const),
  ...(["cut", "cut", "cut-one-way", "cut-one-way", "isolate", "isolate"] as const),
];

export function drawStep(random: Prng, members: readonly MemberId[], holdMsMax: number): Step {
  const calmMs = between(random, CALM_MS_MIN, CALM_MS_MAX);
  const first = drawStrike(random, members, holdMsMax, 0);
  // Drawn in any case, so that what follows does not depend on it.
  const second = drawStrike(random, members, holdMsMax, between(random, 0, first.holdMs));
  return { calmMs, strikes: oneIn(random, OVERLAP_ONE_IN) ? [first, second] : [first] };
}

function drawStrike(random: Prng, members: readonly MemberId[], holdMsMax: number, delayMs: number): Strike {
  const kind = pick(random, DRAWN);
  const order = shuffled(random, members);
  const [one = 1, other = 1] = order;
  const some = order.slice(0, between(random, 2, Math.max(2, members.length - 1)));
  const none = { killed: [], paused: [], cuts: [] };
  const held = (longMs: number): number => between(random, 100, Math.min(longMs, holdMsMax));
  switch (kind) {
    case "kill-one":
      return { kind, delayMs, holdMs: held(5_000), ...none, killed: [one] };
    case "kill-some":
      return { kind, delayMs, holdMs: held(5_000), ...none, killed: some };
    case "kill-all":
      return { kind, delayMs, holdMs: held(2_000), ...none, killed: order };
    case "pause":
      return { kind, delayMs, holdMs: held(pick(random, [1_000, 10_000, 60_000])), ...none, paused: [one] };
    case "cut":
    case "cut-one-way": {
      const cuts = [{ from: one, to: other, isOneWay: kind === "cut-one-way" }];
      return { kind, delayMs, holdMs: held(cutMs(random)), ...none, cuts };
    }
    case "isolate": {
      const cuts = order.slice(1).map((to) => ({ from: one, to, isOneWay: false }));
      return { kind, delayMs, holdMs: held(cutMs(random)), ...none, cuts };
    }
  }
}

/** Short ones end before the link is given up, which takes six seconds; long ones after it. */
function cutMs(random: Prng): number {
  return pick(random, [1_000, 6_000, 30_000]);
}

function shuffled(random: Prng, members: readonly MemberId[]): MemberId[] {
  return members
    .map((member) => ({ member, rank: random.u32() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ member }) => member);
}

/** Whom clients cannot count on while it lasts. Two that are cut off from each other only still reach the others. */
export function struckBy({ kind, killed, paused, cuts }: Strike): MemberId[] {
  if (kind === "isolate" || kind === "cut-one-way") return cuts.slice(0, 1).map(({ from }) => from);
  return [...killed, ...paused];
}

/** For people. */
export function strikeText({ kind, killed, paused, cuts, holdMs }: Strike): string {
  const whom = kind === "isolate" ? cuts.slice(0, 1).map(({ from }) => from) : [...killed, ...paused];
  const links = cuts.map(({ from, to, isOneWay }) => `${from}${isOneWay ? ">" : ":"}${to}`);
  const what = kind === "cut" || kind === "cut-one-way" ? links.join(" ") : whom.join(" ");
  return `${kind} ${what} for ${(holdMs / 1000).toFixed(1)} s`;
}
