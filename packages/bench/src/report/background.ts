/** The table of background work, on and off. */
import { median } from "../rounds/statistics.ts";
import type { Faults } from "../run-faults.ts";
import { summarisePhases } from "./faults.ts";
import { machineLine } from "./machine.ts";
import { grouped, markdownTable } from "./markdown.ts";

export type Mode = "on" | "off";

export interface BackgroundRun {
  readonly kind: "background";
  readonly void: string | null;
  /** By turns, each on a cluster of its own. */
  readonly runs: readonly { readonly mode: Mode; readonly faults: Faults }[];
}

const MODES: readonly Mode[] = ["on", "off"];
const PHASES = [
  { phase: "before", words: "three members" },
  { phase: "during", words: "one is dead" },
  { phase: "after", words: "it comes back" },
];

/** The median over the rounds of a phase's p99. */
export function p99Of(run: BackgroundRun, mode: Mode, phase: string): number {
  const rows = run.runs.filter((one) => one.mode === mode).flatMap(({ faults }) => faults.rows);
  return median(rows.flatMap(summarisePhases).flatMap((row) => (row.phase === phase ? [row.p99Ms] : [])));
}

export function backgroundText(run: BackgroundRun): string {
  const [first] = run.runs;
  if (first === undefined) return "";
  const { at, machine, perSecond, keys } = first.faults;
  const rows = PHASES.map(({ phase, words }) => {
    const [on, off] = MODES.map((mode) => p99Of(run, mode, phase));
    const ratio = on === undefined || off === undefined || off === 0 ? "" : (on / off).toFixed(2);
    return [words, (on ?? 0).toFixed(2), (off ?? 0).toFixed(2), ratio];
  });
  const blocks = [
    `${at.slice(0, 10)}; ${machineLine(machine)}. ${grouped(perSecond)} requests a second (80 % of capacity), half of them writes, zipfian over ${grouped(keys)} keys. p99 from the intended start, ms; medians of ${run.runs.length / 2} rounds.`,
    markdownTable(["phase", "background on", "off", "on ÷ off"], ["left", "right", "right", "right"], rows),
    ...(run.void === null ? [] : [`**Void:** ${run.void}.`]),
  ];
  return `${blocks.join("\n\n")}\n`;
}
