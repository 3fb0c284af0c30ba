/** The table of the faults. */
import type { ClosedReport } from "../open-loop/closed-driver.ts";
import type { PhaseReport } from "../open-loop/recorder.ts";
import type { FaultGoal } from "../faults/scenarios.ts";
import type { Faults, ScenarioRow } from "../run-faults.ts";
import { median } from "../rounds/statistics.ts";
import { machineLine } from "./machine.ts";
import { grouped, markdownTable } from "./markdown.ts";

const MIB = 1024 ** 2;

export interface PhaseSummary {
  readonly scenario: string;
  readonly phase: string;
  /** Medians over the rounds, as all that follow. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly errorsPerSecond: number;
  /** p99 ÷ that of the phase before. */
  readonly timesBefore: number;
  /** Of all rounds. */
  readonly codes: readonly string[];
}

export function summarisePhases({ name, reports }: ScenarioRow): PhaseSummary[] {
  const names = reports[0]?.phases.map((phase) => phase.name) ?? [];
  const of = (phase: string, figure: (report: PhaseReport) => number): number =>
    median(reports.flatMap(({ phases }) => phases.filter((one) => one.name === phase).map(figure)));
  return names.map((phase) => {
    const p99Ms = of(phase, (report) => report.p99Ms);
    const before = of(names[0] ?? phase, (report) => report.p99Ms);
    const codes = reports.flatMap(({ phases }) =>
      phases.filter((one) => one.name === phase).flatMap((one) => Object.keys(one.codes)),
    );
    return {
      scenario: name,
      phase,
      p50Ms: of(phase, (report) => report.p50Ms),
      p99Ms,
      p999Ms: of(phase, (report) => report.p999Ms),
      errorsPerSecond: of(phase, ({ errors, seconds }) => (seconds === 0 ? 0 : errors / seconds)),
      timesBefore: before === 0 ? 0 : p99Ms / before,
      codes: [...new Set(codes)].toSorted(),
    };
  });
}

function goalText(goal: FaultGoal | null): string {
  return goal === null
    ? ""
    : ` p99 ${goal.phase} ÷ before must be ${goal.must} at most, and ${goal.aim} is aimed at.`;
}

function massLoadText({ answered, errors, firstError, seconds }: ClosedReport): string {
  const failed = errors === 0 ? "none failed" : `${grouped(errors)} failed (${firstError})`;
  return `The mass load wrote ${grouped(answered / seconds)} keys a second for ${seconds.toFixed(0)} s; ${failed}.`;
}

function levelText(seconds: readonly number[]): string {
  const all = seconds.map((each) => each.toFixed(1)).join(", ");
  return `The member that came back was level after ${all} s, from its start; 120 are allowed.`;
}

export function faultsText(run: Faults): string {
  const { at, machine, perSecond, keys, massKeys, rows, massLoads, levelSeconds, residentBytes } = run;
  const memory = residentBytes.map((bytes) => grouped(bytes / MIB)).join(", ");
  const table = markdownTable(
    ["what happens", "phase", "p50 ms", "p99 ms", "p99.9 ms", "p99 ÷ before", "errors/s", "codes"],
    ["left", "left", "right", "right", "right", "right", "right", "left"],
    rows
      .flatMap(summarisePhases)
      .map((row) => [
        row.scenario,
        row.phase,
        row.p50Ms.toFixed(2),
        row.p99Ms.toFixed(2),
        row.p999Ms.toFixed(2),
        row.timesBefore.toFixed(1),
        row.errorsPerSecond.toFixed(1),
        row.codes.join(", "),
      ]),
  );
  const blocks = [
    `${at.slice(0, 10)}; ${machineLine(machine)}. Three members, ${grouped(perSecond)} requests a second (half load), half of them writes, zipfian over ${grouped(keys)} keys; the mass load writes ${grouped(massKeys)}. Latency from the intended start; medians of the rounds. Memory of the members at the end: ${memory} MiB.`,
    table,
    rows.map(({ name, what, goal }) => `- _${name}_: ${what}.${goalText(goal)}`).join("\n"),
    ...massLoads.map(massLoadText),
    ...(levelSeconds.length === 0 ? [] : [levelText(levelSeconds)]),
    ...(run.void === null ? [] : [`**Void:** ${run.void}.`]),
  ];
  return `${blocks.join("\n\n")}\n`;
}
