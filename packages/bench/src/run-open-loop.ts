/**
 * `npm run bench -- open-loop`: the same constant arrivals to each store in turns, and how long requests take. The
 * rate of a mix is half of what kvorum takes of it, so that everybody is looked at under the load of a good day.
 */
import { BenchFailure, EXIT } from "./failure.ts";
import { pidsOf, type Ground, type Missing, type Opponent, type OpponentName } from "./opponents/opponent.ts";
import { versionsOf, withOpponents } from "./opponents/start.ts";
import { DriverProcess, targetOf } from "./open-loop/driver-process.ts";
import { DISTRIBUTIONS, type Distribution } from "./open-loop/key-chooser.ts";
import { MIX_NAMES, type MixName } from "./open-loop/mix.ts";
import type { DriverLoad, DriverTarget } from "./open-loop/plan.ts";
import type { DriverReport } from "./open-loop/recorder.ts";
import { MachineWatch } from "./processes/machine-load.ts";
import { describeMachine, type Machine } from "./report/machine.ts";
import { isChosen } from "./rounds/chosen.ts";
import { voidReason } from "./rounds/void-rule.ts";

export interface OpenLoopOptions {
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly isQuick: boolean;
  /** Parts of names of stores; none: all of them. */
  readonly only: readonly string[];
  /** Requests a second, or null: half of what kvorum takes, or the first store where kvorum is left out. */
  readonly perSecond: number | null;
  readonly onProgress: (text: string) => void;
}

export interface OpenLoopRow {
  readonly opponent: OpponentName;
  readonly mix: MixName;
  readonly distribution: Distribution;
  readonly perSecond: number;
  /** One for each round. */
  readonly reports: readonly DriverReport[];
}

export interface OpenLoop {
  readonly kind: "open-loop";
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly keys: number;
  /** The part of the machine, 0 .. 1, that neither the stores nor the driver used during the rounds. */
  readonly othersShare: number;
  readonly void: string | null;
  readonly rows: readonly OpenLoopRow[];
  readonly missing: readonly Missing[];
}

const STORES: readonly OpponentName[] = ["skeleton", "kvorum", "redis-cluster"];
const NO_ETCD = { etcd: "etcd", etcdctl: "etcdctl" };
const KEYS = { full: 100_000, quick: 20_000 };
const VALUE_BYTES = 256;
const HALF = 0.5;
/** Beside each round, the raw echo is driven for so long, or for a window where that is shorter. */
const CONTROL_SECONDS_MAX = 2;

interface Trial {
  readonly opponent: OpponentName;
  readonly target: DriverTarget;
  readonly load: DriverLoad;
  readonly perSecond: number;
  readonly reports: DriverReport[];
}

export function runOpenLoop(ground: Ground, options: OpenLoopOptions): Promise<OpenLoop> {
  const { onProgress, only } = options;
  const stores = STORES.filter((name) => isChosen(name, only));
  return withOpponents(["echo", ...stores], ground, NO_ETCD, onProgress, async ({ opponents, missing }) => {
    const driver = await DriverProcess.start(ground.work);
    try {
      const trials = await prepare(driver, opponents, options);
      const watch = new MachineWatch([driver.pid, ...[...opponents.values()].flatMap(pidsOf)]);
      const controls = await runTrials(driver, trials, opponents, options);
      return {
        kind: "open-loop",
        at: new Date().toISOString(),
        machine: describeMachine(ground.work),
        versions: versionsOf(opponents),
        keys: keysOf(options),
        othersShare: watch.othersShare(),
        void: voidReason(controls),
        rows: trials.map(({ opponent, load, perSecond, reports }) => ({
          opponent,
          mix: load.mix,
          distribution: load.distribution,
          perSecond,
          reports,
        })),
        missing,
      };
    } finally {
      await driver.stop();
    }
  });
}

function keysOf({ isQuick }: OpenLoopOptions): number {
  return isQuick ? KEYS.quick : KEYS.full;
}

/** The loads of a run; a quick one has one of each kind. */
function loadsOf(options: OpenLoopOptions): DriverLoad[] {
  const keys = keysOf(options);
  return DISTRIBUTIONS.flatMap((distribution) =>
    MIX_NAMES.map((mix) => ({ keys, valueBytes: VALUE_BYTES, distribution, mix })),
  ).filter(({ distribution, mix }) => !options.isQuick || (distribution === "zipfian") === (mix === "95/5"));
}

/** Fills every store, finds the rate of every load, and lets the compilers and caches of all warm up on the way. */
async function prepare(
  driver: DriverProcess,
  opponents: ReadonlyMap<OpponentName, Opponent>,
  options: OpenLoopOptions,
): Promise<Trial[]> {
  const { onProgress, windowSeconds } = options;
  const loads = loadsOf(options);
  const targets = new Map<OpponentName, DriverTarget>();
  for (const name of STORES) {
    const opponent = opponents.get(name);
    const [load] = loads;
    if (opponent === undefined || load === undefined) continue;
    onProgress(`fill: ${name}`);
    const target = await targetOf(opponent);
    await driver.fill(target, load);
    targets.set(name, target);
  }
  const [first] = targets.values();
  const reference = targets.get("kvorum") ?? first;
  if (reference === undefined)
    throw new BenchFailure("USAGE", `--only names none of ${STORES.join(", ")}`, EXIT.usage);
  const trials: Trial[] = [];
  for (const load of loads) {
    const perSecond =
      options.perSecond ??
      Math.max(1, Math.round(HALF * (await driver.capacity(reference, load, windowSeconds))));
    onProgress(`${load.mix} ${load.distribution}: ${perSecond} requests a second`);
    for (const [opponent, target] of targets) trials.push({ opponent, target, load, perSecond, reports: [] });
  }
  return trials;
}

/** The control's figures, one for each round. */
async function runTrials(
  driver: DriverProcess,
  trials: readonly Trial[],
  opponents: ReadonlyMap<OpponentName, Opponent>,
  { rounds, windowSeconds, onProgress }: OpenLoopOptions,
): Promise<number[]> {
  const control = opponents.get("echo");
  if (control === undefined) throw new BenchFailure("START", "the control does not run");
  const echo = await targetOf(control);
  const controls: number[] = [];
  // Round 0 is warm-up, and forgotten.
  for (let round = 0; round <= rounds; round++) {
    for (const { opponent, target, load, perSecond, reports } of trials) {
      const mode = { kind: "open", perSecond, seconds: windowSeconds, phase: "steady" } as const;
      const report = await driver.open(target, load, mode);
      const [phase] = report.phases;
      const p99 = phase?.p99Ms.toFixed(1) ?? "";
      const where = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
      onProgress(`${where}: ${opponent} ${load.mix} ${load.distribution}: p99 ${p99} ms`);
      if (round > 0) reports.push(report);
    }
    const [first] = trials;
    if (first === undefined) continue;
    const perSecond = await driver.capacity(echo, first.load, Math.min(CONTROL_SECONDS_MAX, windowSeconds));
    if (round > 0) controls.push(perSecond);
  }
  return controls;
}
