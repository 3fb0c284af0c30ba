/**
 * INFO's statistics of commands, in Redis's form. Times are those of the meter: from the turn that reads a command to
 * the end of the turn that sends its reply, and so with all waiting for homes, where Redis counts its CPU alone.
 */
import { OUTCOMES } from "@kvorum/core";
import { BUCKET_SECONDS, type BucketCounts } from "../../observability/fixed-histogram.ts";
import type { CommandCounts } from "../command-meter.ts";
import type { InfoLine } from "./info.ts";

/** Redis's own choice, unless it is configured otherwise. */
const PERCENTILES: readonly number[] = [50, 99, 99.9];

/** `calls` are those that ran, `failed_calls` of them were answered with an error, `rejected_calls` did not run. */
export function commandStats(commands: readonly CommandCounts[]): readonly InfoLine[] {
  return known(commands).map(({ command, rejected, outcomes, latency }) => {
    const calls = latency.count - rejected;
    const failed = errorsOf(outcomes) - rejected;
    const micros = latency.sumSeconds * 1e6;
    const perCall = calls === 0 ? 0 : micros / calls;
    const text =
      `calls=${calls},usec=${Math.round(micros)},usec_per_call=${perCall.toFixed(2)},` +
      `rejected_calls=${rejected},failed_calls=${failed}`;
    return [`cmdstat_${command}`, text];
  });
}

/** By the first word of the error. */
export function errorStats(commands: readonly CommandCounts[]): readonly InfoLine[] {
  const counts = new Map<string, number>();
  for (const { outcomes } of commands) {
    for (const { outcome, count } of outcomes.filter(isError))
      counts.set(outcome, (counts.get(outcome) ?? 0) + count);
  }
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, count]) => [`errorstat_${word}`, `count=${count}`]);
}

export function errorReplies(commands: readonly CommandCounts[]): number {
  return commands.reduce((sum, { outcomes }) => sum + errorsOf(outcomes), 0);
}

/** Microseconds, estimated within buckets. */
export function latencyStats(commands: readonly CommandCounts[]): readonly InfoLine[] {
  return known(commands).map(({ command, latency }) => {
    const texts = PERCENTILES.map(
      (percent) => `p${percent}=${percentileMicros(latency, percent).toFixed(3)}`,
    );
    return [`latency_percentiles_usec_${command}`, texts.join(",")];
  });
}

/** What is no command has no line. */
function known(commands: readonly CommandCounts[]): CommandCounts[] {
  return commands.filter(({ command }) => command !== "unknown");
}

function errorsOf(outcomes: CommandCounts["outcomes"]): number {
  return outcomes.filter(isError).reduce((sum, { count }) => sum + count, 0);
}

function isError({ outcome }: CommandCounts["outcomes"][number]): boolean {
  return outcome !== OUTCOMES.OK.resp;
}

/** As if durations were spread evenly within their bucket; those beyond the last bound count as that. */
function percentileMicros({ cumulative, count }: BucketCounts, percent: number): number {
  const rank = (count * percent) / 100;
  const at = cumulative.findIndex((upTo) => upTo >= rank);
  const last = BUCKET_SECONDS.length - 1;
  const bucket = at < 0 ? last : at;
  const upper = BUCKET_SECONDS[bucket] ?? 0;
  if (at < 0) return upper * 1e6;
  const lower = BUCKET_SECONDS[bucket - 1] ?? 0;
  const before = cumulative[bucket - 1] ?? 0;
  const inside = (cumulative[bucket] ?? 0) - before;
  return (lower + ((upper - lower) * (rank - before)) / inside) * 1e6;
}
