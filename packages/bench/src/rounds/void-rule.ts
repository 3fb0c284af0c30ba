/**
 * When a run counts. The machine is the same for all rows only if the control is: a raw echo that was faster or slower
 * from one round to the next by more than this has measured somebody else's work too.
 */
import { spread } from "./statistics.ts";

const DRIFT_MAX = 0.1;
/** A skeleton that is slower than this part of the echo shows its own faults, not the limits of the path. */
const YARDSTICK_MIN = 0.28;

/** Why the run is void, or null. `controls`: operations per second of the control, in every round. */
export function voidReason(controls: readonly number[]): string | null {
  if (controls.length < 2) return "the control ran in fewer than two rounds";
  const drift = spread(controls);
  if (drift <= DRIFT_MAX) return null;
  return `the raw echo drifted by ${(100 * drift).toFixed(1)} % from round to round, and ${100 * DRIFT_MAX} % is the limit; run again when the machine is quiet`;
}

/** Why the skeleton is no yardstick, or null. */
export function yardstickFault(skeletonPerSecond: number, echoPerSecond: number): string | null {
  const ratio = skeletonPerSecond / echoPerSecond;
  return ratio >= YARDSTICK_MIN
    ? null
    : `the skeleton did ${ratio.toFixed(2)} of the raw echo, and counts as a yardstick from ${YARDSTICK_MIN} on`;
}
