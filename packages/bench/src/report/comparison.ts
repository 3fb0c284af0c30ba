/** One run of the comparison, whole: what goes into the JSON file and what the tables are made of. */
import type { Measured, LeftOut } from "../rounds/interleave.ts";
import { DESCRIPTIONS, OPPONENT_NAMES, type OpponentName } from "../opponents/opponent.ts";
import { CONTROL_ROW } from "../rounds/rows.ts";
import { othersFault, voidReason, yardstickFault } from "../rounds/void-rule.ts";
import { machineLine, type Machine } from "./machine.ts";
import { grouped, markdownTable, percent } from "./markdown.ts";
import { ratiosOf, type Ratio } from "./ratios.ts";
import { summarise, type RowSummary } from "./summary.ts";

export interface Comparison {
  readonly kind: "comparison";
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Partial<Record<OpponentName, string>>>;
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly connections: number;
  readonly keys: number;
  /** The part of the machine, 0 .. 1, that neither the servers nor the load used during the rounds. */
  readonly othersShare: number;
  /** Why the run does not count, or null. */
  readonly void: string | null;
  /** What else must be said of the figures. */
  readonly warnings: readonly string[];
  readonly rows: readonly RowSummary[];
  readonly ratios: readonly Ratio[];
  readonly leftOut: readonly LeftOut[];
  readonly windows: readonly Measured[];
}

export interface ComparisonParts {
  readonly at: Date;
  readonly machine: Machine;
  readonly versions: Comparison["versions"];
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly connections: number;
  readonly keys: number;
  readonly othersShare: number;
  readonly measured: readonly Measured[];
  readonly leftOut: readonly LeftOut[];
}

export function makeComparison({ at, measured, ...parts }: ComparisonParts): Comparison {
  const rows = measured.map(summarise);
  const controls = measured
    .filter(({ row }) => row.id === CONTROL_ROW)
    .flatMap(({ windows }) => windows.map(({ perSecond }) => perSecond));
  const speedOf = (id: string) => rows.find((row) => row.id === id)?.perSecond;
  const echo = speedOf(CONTROL_ROW);
  const skeleton = speedOf("skeleton/set/256/1/spread");
  const fault = echo === undefined || skeleton === undefined ? null : yardstickFault(skeleton, echo);
  return {
    kind: "comparison",
    at: at.toISOString(),
    ...parts,
    void: voidReason(controls),
    warnings: [fault, othersFault(parts.othersShare)].filter((warning) => warning !== null),
    rows,
    ratios: ratiosOf(rows),
    windows: measured,
  };
}

function rowTable({ rows }: Comparison): string {
  return markdownTable(
    ["row", "an answer means", "per second", "spread", "CPU µs each", "p50 ms", "p99 ms"],
    ["left", "left", "right", "right", "right", "right", "right"],
    rows.map((row) => [
      row.id,
      row.promise,
      grouped(row.perSecond),
      percent(row.spread),
      row.cpuUsPerOperation.toFixed(1),
      row.p50Ms === 0 ? "" : row.p50Ms.toFixed(2),
      row.p99Ms === 0 ? "" : row.p99Ms.toFixed(2),
    ]),
  );
}

function ratioTable({ ratios }: Comparison): string {
  return markdownTable(
    ["ratio", "measured", "must", "aim"],
    ["left", "right", "right", "right"],
    ratios.map(({ name, value, must, aim }) => [name, value.toFixed(2), String(must), String(aim)]),
  );
}

function whoTable({ versions }: Comparison): string {
  const rows = OPPONENT_NAMES.flatMap((name) => {
    const version = versions[name];
    return version === undefined ? [] : [[name, version, DESCRIPTIONS[name]]];
  });
  return markdownTable(["who", "version", "is"], ["left", "left", "left"], rows);
}

/** For the terminal and for the README, in Markdown. */
export function comparisonText(comparison: Comparison): string {
  const { at, machine, rounds, windowSeconds, connections, keys, leftOut, warnings } = comparison;
  const blocks = [
    `${at.slice(0, 10)}; ${machineLine(machine)}. Servers and clients share the cores. ${rounds} interleaved rounds of ${windowSeconds} s, ${connections} connections, ${grouped(keys)} keys; medians, and how far the rounds spread. A row is server/operation/bytes/depth/route; CPU is that of all its server processes.`,
    rowTable(comparison),
    ...(comparison.ratios.length === 0 ? [] : [ratioTable(comparison)]),
    whoTable(comparison),
    ...(comparison.void === null ? [] : [`**Void:** ${comparison.void}.`]),
    ...warnings.map((warning) => `**Note:** ${warning}.`),
    ...(leftOut.length === 0
      ? []
      : [leftOut.map(({ id, reason }) => `- Left out: ${id}: ${reason}`).join("\n")]),
  ];
  return `${blocks.join("\n\n")}\n`;
}
