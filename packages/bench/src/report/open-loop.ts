/** The table of the open loop. */
import type { PhaseReport } from "../open-loop/recorder.ts";
import type { OpenLoop, OpenLoopRow } from "../run-open-loop.ts";
import { othersFault } from "../rounds/void-rule.ts";
import { median, spread } from "../rounds/statistics.ts";
import { machineLine } from "./machine.ts";
import { grouped, markdownTable, percent } from "./markdown.ts";

type Numbers = {
  readonly [K in keyof PhaseReport]: PhaseReport[K] extends number ? K : never;
}[keyof PhaseReport];

/** Of the only phase, round by round. */
function numbers({ reports }: OpenLoopRow, of: Numbers): number[] {
  return reports.flatMap(({ phases }) => phases.slice(0, 1).map((phase) => phase[of]));
}

export function openLoopText(run: OpenLoop): string {
  const { at, machine, keys, rows, missing } = run;
  const others = othersFault(run.othersShare);
  const lateness = Math.max(0, ...rows.flatMap((row) => row.reports.map((report) => report.lateness.p99Ms)));
  const table = markdownTable(
    ["store", "mix", "keys", "per second", "p50 ms", "p99 ms", "p99.9 ms", "spread of p99", "errors"],
    ["left", "left", "left", "right", "right", "right", "right", "right", "right"],
    rows.map((row) => [
      row.opponent,
      row.mix,
      row.distribution,
      grouped(row.perSecond),
      median(numbers(row, "p50Ms")).toFixed(2),
      median(numbers(row, "p99Ms")).toFixed(2),
      median(numbers(row, "p999Ms")).toFixed(2),
      percent(spread(numbers(row, "p99Ms"))),
      grouped(numbers(row, "errors").reduce((sum, count) => sum + count, 0)),
    ]),
  );
  const blocks = [
    `${at.slice(0, 10)}; ${machineLine(machine)}. ${grouped(keys)} keys, constant arrivals, latency from the intended start; medians of the rounds. The driver itself was up to ${lateness.toFixed(1)} ms late (p99), which is in the figures.`,
    table,
    ...(run.void === null ? [] : [`**Void:** ${run.void}.`]),
    ...(others === null ? [] : [`**Note:** ${others}.`]),
    ...missing.map((one) => `- Left out: ${one.name}: ${one.missing}`),
  ];
  return `${blocks.join("\n\n")}\n`;
}
