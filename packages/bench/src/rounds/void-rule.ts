/**
 * When a run counts. The machine is the same for all rows only if the control is: a raw echo that was faster or slower
 * from one round to the next by more than this has measured somebody else's work too.
 */
import { spread } from "./statistics.ts";

const DRIFT_MAX = 0.1;
/** The control says nothing about others who are busy all the time. */
const OTHERS_MAX = 0.05;
/** A skeleton that is slower than this part of the echo shows its own faults, not the limits of the path. */
const YARDSTICK_MIN = 0.28;

/** Why the run is void, or null. `controls`: operations per second of the control, in every round. */
export function voidReason(controls: readonly number[]): string | null {
  if (controls.length < 2) return "the control ran in fewer than two rounds";
  const drift = spread(controls);
  if (drift <= DRIFT_MAX) return null;
  return `the raw echo drifted by ${(100 * drift).toFixed(1)} % from round to round, and ${100 * DRIFT_MAX} % is the limit; run again when the machine is quiet`;
}

/** Why the figures are of a shared machine, or null. `share`: the part of the machine, 0 .. 1, that others used. */
export function othersFault(share: number): string | null {
  return share <= OTHERS_MAX
    ? null
    : `other processes used ${(100 * share).toFixed(0)} % of the machine during the rounds, so the figures are lower than they could be`;
}

/** Why the skeleton is no yardstick, or null. */
export function yardstickFault(skeletonPerSecond: number, echoPerSecond: number): string | null {
  const ratio = skeletonPerSecond / echoPerSecond;
  return ratio >= YARDSTICK_MIN
    ? null
    : `the skeleton did ${ratio.toFixed(2)} of the raw echo, and counts as a yardstick from ${YARDSTICK_MIN} on`;
}
