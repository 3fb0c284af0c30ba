/** What happened in a run, by name, and what has to happen sometimes: a world in which it never does proves little. */
import type { Operation } from "./workloads/history.ts";
import type { Recorder } from "./workloads/recorder.ts";
import { FAULT_CLASSES } from "./world/options.ts";
import type { World } from "./world/world.ts";

export function happenings(
  world: World,
  { operations, walks, serial }: Recorder,
  strikes: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const happened = new Map<string, number>();
  const add = (name: string, count: number): void => {
    if (count > 0) happened.set(name, (happened.get(name) ?? 0) + count);
  };
  for (const operation of operations) {
    add(`${operation.kind} ${operation.ending} ${operation.code}`, 1);
    for (const name of sights(operation)) add(`saw ${name}`, 1);
  }
  for (const { action, ending, code } of serial) add(`serial ${action.kind} ${ending} ${code}`, 1);
  add("walk over all keys", walks.length);
  for (const [kind, count] of strikes) add(`fault ${kind}`, count);
  for (const { events, fatals } of world.members) {
    for (const [name, count] of events) add(name.startsWith("counter ") ? name : `event ${name}`, count);
    for (const code of fatals) add(`stop ${code}`, 1);
  }
  return happened;
}

/** What is remarkable in what a client saw. */
function sights(operation: Operation): string[] {
  const { kind, ending, values, expired, tombstones, elements, isForeign, wroteNothing, key } = operation;
  const { holders, standIns } = operation;
  const seen: string[] = [];
  if (isForeign && operation.code === "BADCONTEXT") seen.push("foreign token refused");
  if (ending !== "ok") return seen;
  if (standIns.length > 0) seen.push("fallback in a receipt");
  if (standIns.length > 0 && holders.length === 0) seen.push("fallbacks alone in a receipt");
  if (kind === "delete" && wroteNothing) seen.push("idle delete");
  if (kind !== "get") return seen;
  if (values.length > 1) seen.push(key.startsWith("set") ? "siblings of a set" : "siblings");
  if (values.length > 0 && tombstones > 0) seen.push("tombstone beside a value");
  if (values.length === 0 && tombstones > 0) seen.push("tombstone");
  if (expired.length > 0) seen.push("expired value");
  if (elements.length > 10) seen.push("set of more than ten");
  return seen;
}

/** Each of these has to have happened in a thousand seeds. */
export const SOMETIMES: readonly string[] = [
  ...FAULT_CLASSES.map((kind) => `fault ${kind}`),
  "put failed QUORUM",
  "put failed LIMIT",
  "put failed DISKFULL",
  "put failed CLOCK",
  "put failed CONFLICT",
  "put failed OVERLOADED",
  "put unknown TIMEOUT",
  "put unknown UNKNOWN",
  "put unknown LOST",
  "put unknown LEFT",
  "get failed DAMAGED",
  "get unknown TIMEOUT",
  "delete ok OK",
  "walk over all keys",
  "saw foreign token refused",
  "saw siblings",
  "saw siblings of a set",
  "saw set of more than ten",
  "saw tombstone",
  "saw tombstone beside a value",
  "saw expired value",
  "saw idle delete",
  "event tail-merged",
  "event tail-cut",
  "event record-healed",
  "event peer-suspect",
  "event peer-speaks",
  "event clock-drift",
  "event clock-suspended",
  "counter second-rounds",
  "counter divergent-reads",
  "counter damaged-records",
  "counter forwarded",
  "counter conflicts-noted",
  "counter keys-exchanged",
  "counter hints-noted",
  "counter hints-delivered",
  "counter hints-dropped",
  "counter hints-refused",
  "saw fallback in a receipt",
  "saw fallbacks alone in a receipt",
  "counter read-repairs",
  "counter read-repairs-failed",
  "counter read-repairs-skipped",
  "counter background-halved",
  "counter records-scrubbed",
  "event scrub-damage",
  "stop rolled-back",
];
