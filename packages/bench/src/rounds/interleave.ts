/**
 * The rounds of a run: every row once, and again, so that whatever the machine does in the meantime falls on all of
 * them alike. The first time is warm-up: it finds out how many operations make a window, and is forgotten.
 */
import { wordsOf } from "../failure.ts";
import { pidsOf, type Opponent, type OpponentName } from "../opponents/opponent.ts";
import { MachineWatch } from "../processes/machine-load.ts";
import type { Row } from "./rows.ts";
import { measure, secondsMin, type LoadTools, type Window } from "./window.ts";

export interface Measured {
  readonly row: Row;
  /** One for each round. */
  readonly windows: readonly Window[];
}

/** A row without figures, and why. */
export interface LeftOut {
  readonly id: string;
  readonly reason: string;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly tools: LoadTools;
  /** Hears what is measured next. */
  readonly onProgress: (text: string) => void;
}

export interface RoundsResult {
  readonly measured: readonly Measured[];
  readonly leftOut: readonly LeftOut[];
  /** The part of the machine, 0 .. 1, that neither the servers nor the load used during the rounds. */
  readonly othersShare: number;
}

/** Where the search for the size of a window begins: a fraction of a second for the slowest. */
const FIRST_OPERATIONS = 3_000;
/** A key is written so often before it is read: random keys leave 1 in 20 out. */
const FILLS = 3;
const FILL_DEPTH = 16;

interface Running {
  readonly row: Row;
  readonly opponent: Opponent;
  readonly windows: Window[];
  perSecond: number;
  failure: string | null;
}

export async function runRounds(
  rows: readonly Row[],
  opponents: ReadonlyMap<OpponentName, Opponent>,
  options: RoundsOptions,
): Promise<RoundsResult> {
  const running = rows.flatMap((row): Running[] => {
    const opponent = opponents.get(row.opponent);
    return opponent === undefined ? [] : [{ row, opponent, windows: [], perSecond: 0, failure: null }];
  });
  await fillAll(running, options);
  for (const one of running) await warmUp(one, options);
  const watch = new MachineWatch([...opponents.values()].flatMap(pidsOf));
  for (let round = 1; round <= options.rounds; round++) {
    for (const one of running) {
      if (one.failure !== null) continue;
      const window = await attempt(one, one.perSecond * options.windowSeconds, options);
      if (window === null) continue;
      one.windows.push(window);
      const { perSecond, cpuUsPerOperation } = window;
      const figures = `${Math.round(perSecond)}/s, ${cpuUsPerOperation.toFixed(1)} µs of CPU each`;
      options.onProgress(`round ${round} of ${options.rounds}: ${one.row.id}: ${figures}`);
    }
  }
  return {
    othersShare: watch.othersShare(),
    measured: running.flatMap(({ row, windows, failure }) => (failure === null ? [{ row, windows }] : [])),
    leftOut: running.flatMap(({ row, failure }) =>
      failure === null ? [] : [{ id: row.id, reason: failure }],
    ),
  };
}

/**
 * Writes the keys that others will read, once for each opponent and route. What is read serially is read so before:
 * plain reads find their keys in memory because they were just written, and these are to be compared with them.
 */
async function fillAll(running: readonly Running[], options: RoundsOptions): Promise<void> {
  const filled = new Set<string>();
  const fillOnce = async (one: Running, operation: "set" | "get-serial"): Promise<void> => {
    const { row } = one;
    if (row.load.kind !== "resp" || one.failure !== null) return;
    const place = `${operation} ${row.opponent}/${row.load.route}`;
    if (filled.has(place)) return;
    filled.add(place);
    options.onProgress(`fill: ${place}`);
    const load = { ...row.load, operation, depth: FILL_DEPTH };
    const filler: Running = { ...one, row: { ...row, load } };
    // What is written reaches every member, what is read two of them.
    const times = operation === "set" ? FILLS : FILLS * one.opponent.ports.length;
    await attempt(filler, times * load.keys, options);
    one.failure = filler.failure;
  };
  for (const one of running) {
    const { load } = one.row;
    if (load.kind !== "resp" || load.operation === "set" || load.operation === "set-os") continue;
    await fillOnce(one, "set");
    if (load.operation === "get-serial") await fillOnce(one, "get-serial");
  }
}

/** Two windows: a short one to learn the speed, and a whole one for the compilers and caches of the servers. */
async function warmUp(one: Running, options: RoundsOptions): Promise<void> {
  if (one.failure !== null) return;
  options.onProgress(`warm-up: ${one.row.id}`);
  const first = await attempt(one, FIRST_OPERATIONS, options);
  // A tool that takes a minute needs no second one.
  if (first === null || secondsMin(one.row, options.tools) > 0) return;
  await attempt(one, first.perSecond * options.windowSeconds, options);
}

/** Null when it failed; the row says why. */
async function attempt(one: Running, operations: number, { tools }: RoundsOptions): Promise<Window | null> {
  try {
    const window = await measure(one.row, one.opponent, Math.max(Math.round(operations), 1), tools);
    one.perSecond = window.perSecond;
    return window;
  } catch (error) {
    one.failure = wordsOf(error);
    return null;
  }
}
