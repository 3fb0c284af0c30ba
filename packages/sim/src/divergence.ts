/** Two runs of a seed must be the same run. Where they part is named by the checkpoints of their event logs. */
import type { SeedReport } from "./run-seed.ts";
import { EVENTS_PER_CHECKPOINT } from "./world/event-log.ts";

/** What of a report says which run it was. */
export type RunTrail = Pick<SeedReport, "checkpoints" | "digest">;

/** Null when they are the same run; else in words the first checkpoint at which they differ. */
export function firstDivergence(a: RunTrail, b: RunTrail): string | null {
  const shorter = Math.min(a.checkpoints.length, b.checkpoints.length);
  for (let index = 0; index < shorter; index++) {
    const [one, other] = [a.checkpoints[index] ?? "", b.checkpoints[index] ?? ""];
    if (one !== other) return words(index, `checkpoint ${index + 1}`, one, other);
  }
  if (a.checkpoints.length !== b.checkpoints.length) {
    const ending = ({ checkpoints }: RunTrail) => checkpoints[shorter] ?? "none, for it had ended";
    return words(shorter, `checkpoint ${shorter + 1}`, ending(a), ending(b));
  }
  return a.digest === b.digest ? null : words(shorter, "the end", a.digest, b.digest);
}

function words(checkpointsEqual: number, place: string, one: string, other: string): string {
  const [first, last] = [
    checkpointsEqual * EVENTS_PER_CHECKPOINT + 1,
    (checkpointsEqual + 1) * EVENTS_PER_CHECKPOINT,
  ];
  return `they part in entries ${first} to ${last} of the event log: at ${place} one has ${one}, the other ${other}`;
}
