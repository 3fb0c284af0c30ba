/** `npm run bench -- faults`: constant arrivals at half load while something happens to the cluster. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEcho } from "./opponents/echo.ts";
import { KvorumCluster, type KvorumOptions } from "./opponents/kvorum.ts";
import type { Ground } from "./opponents/opponent.ts";
import { SCENARIOS, type FaultGoal, type Scenario, type Stage } from "./faults/scenarios.ts";
import type { ClosedReport } from "./open-loop/closed-driver.ts";
import { DriverProcess, targetOf } from "./open-loop/driver-process.ts";
import type { DriverLoad, DriverTarget } from "./open-loop/plan.ts";
import type { DriverReport } from "./open-loop/recorder.ts";
import { cpuUsOf, residentBytesOf } from "./processes/cpu-time.ts";
import { pause } from "./processes/pause.ts";
import { untilAtRest } from "./processes/rest.ts";
import { describeMachine, type Machine } from "./report/machine.ts";
import { isChosen } from "./rounds/chosen.ts";
import { voidReason } from "./rounds/void-rule.ts";

export interface FaultsOptions {
  readonly rounds: number;
  /** How long the phases before and after are, and the one during at least. */
  readonly phaseSeconds: number;
  /** How many keys the steady load is about. */
  readonly keys: number;
  /** How many keys the mass load writes. */
  readonly massKeys: number;
  /** Parts of names of scenarios; none: all of them. */
  readonly only: readonly string[];
  /** Requests a second, or null: this share of what the cluster takes. */
  readonly perSecond: number | null;
  readonly share: number;
  /** Other limits of the members than those of production. */
  readonly limits?: NonNullable<KvorumOptions["limits"]>;
  readonly onProgress: (text: string) => void;
}

export interface ScenarioRow {
  readonly name: string;
  readonly what: string;
  readonly goal: FaultGoal | null;
  /** One for each round; phases before, during, after. */
  readonly reports: readonly DriverReport[];
}

export interface Faults {
  readonly kind: "faults";
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly perSecond: number;
  readonly keys: number;
  readonly massKeys: number;
  readonly void: string | null;
  readonly rows: readonly ScenarioRow[];
  /** How the mass loads went, one for each round. */
  readonly massLoads: readonly ClosedReport[];
  /** After how many seconds a member that came back was level, one for each round. */
  readonly levelSeconds: readonly number[];
  /** Of each member at the end, in bytes. */
  readonly residentBytes: readonly number[];
}

const LOAD: Omit<DriverLoad, "keys"> = { valueBytes: 256, distribution: "zipfian", mix: "50/50" };
const WARM_UP_SECONDS = 5;
/** Between the end of the phase before and the strike, so that few requests belong to the one and end in the other. */
const GAP_MS = 250;
const CONTROL_SECONDS = 2;
/** Longer than any scenario; each is ended by hand. */
const RUN_SECONDS_MAX = 3600;

const hooks = pathToFileURL(fileURLToPath(new URL("./faults/member-hooks.js", import.meta.url))).href;

interface Parts {
  readonly stage: Stage;
  readonly driver: DriverProcess;
  readonly target: DriverTarget;
  readonly load: DriverLoad;
  readonly perSecond: number;
}

/** The data is in `ground`, which the caller removes. */
export async function runFaults(ground: Ground, options: FaultsOptions): Promise<Faults> {
  const { onProgress, massKeys, only, rounds } = options;
  const stops: (() => Promise<void>)[] = [];
  const massLoads: ClosedReport[] = [];
  const levelSeconds: number[] = [];
  try {
    const echo = await startEcho(ground);
    stops.push(() => echo.stop());
    const cluster = await KvorumCluster.start(ground, {
      flags: ["--import", hooks],
      limits: options.limits ?? {},
    });
    stops.push(() => cluster.stop());
    const driver = await DriverProcess.start(ground.work);
    stops.push(() => driver.stop());
    const loader = await DriverProcess.start(ground.work);
    stops.push(() => loader.stop());
    const target = await targetOf(cluster);
    const load: DriverLoad = { ...LOAD, keys: options.keys };
    onProgress(`fill: ${load.keys} keys`);
    await driver.fill(target, load);
    const capacity = await driver.capacity(target, load, WARM_UP_SECONDS);
    const perSecond = options.perSecond ?? Math.max(1, Math.round(capacity * options.share));
    onProgress(`${perSecond} requests a second`);
    const stage = stageOf({ cluster, loader, target, massKeys, massLoads, levelSeconds, onProgress });
    const parts: Parts = { stage, driver, target, load, perSecond };
    const rows = SCENARIOS.filter(({ name }) => isChosen(name, only)).map((scenario) => ({
      scenario,
      reports: new Array<DriverReport>(),
    }));
    const control = await targetOf(echo);
    const controls: number[] = [];
    const measureControl = async (): Promise<void> => {
      await untilAtRest(() => cpuUsOf(cluster.processes.map(({ pid }) => pid)));
      controls.push(await driver.capacity(control, load, CONTROL_SECONDS));
    };
    for (let round = 1; round <= rounds; round++) {
      for (const { scenario, reports } of rows) {
        onProgress(`round ${round} of ${rounds}: ${scenario.name}: ${scenario.what}`);
        await measureControl();
        reports.push(await play(scenario, parts, options));
        await cluster.isWhole();
      }
    }
    await measureControl();
    return {
      kind: "faults",
      at: new Date().toISOString(),
      machine: describeMachine(ground.work),
      perSecond,
      keys: load.keys,
      massKeys,
      void: voidReason(controls),
      rows: rows.map(({ scenario: { name, what, goal }, reports }) => ({
        name,
        what,
        goal: goal ?? null,
        reports,
      })),
      massLoads,
      levelSeconds,
      residentBytes: cluster.processes.map(({ pid }) => residentBytesOf(pid)),
    };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

interface StageParts extends Pick<FaultsOptions, "massKeys" | "onProgress"> {
  readonly cluster: KvorumCluster;
  readonly loader: DriverProcess;
  readonly target: DriverTarget;
  readonly massLoads: ClosedReport[];
  readonly levelSeconds: number[];
}

function stageOf({ cluster, loader, target, ...rest }: StageParts): Stage {
  return {
    cluster,
    loadKeys: async () => {
      rest.massLoads.push(await loader.load(target, { ...LOAD, keys: rest.massKeys }));
    },
    writePast: async (index, keys) => {
      await loader.fill(withoutPort(target, index), { ...LOAD, keys });
    },
    levelled: (seconds) => {
      rest.levelSeconds.push(seconds);
      rest.onProgress(`level after ${seconds.toFixed(1)} s`);
    },
  };
}

function withoutPort(target: DriverTarget, index: number): DriverTarget {
  return { ...target, ports: target.ports.filter((_, i) => i !== index) };
}

/** Before, during, after. */
async function play(
  { strike, mend, check }: Scenario,
  { stage, driver, target, load, perSecond }: Parts,
  { phaseSeconds }: FaultsOptions,
): Promise<DriverReport> {
  const phaseMs = phaseSeconds * 1000;
  const mode = { kind: "open", perSecond, seconds: RUN_SECONDS_MAX, phase: "before" } as const;
  const report = driver.open(target, load, mode);
  // Should the scenario itself fail, nobody is there any more to hear that the driver was stopped.
  report.catch(() => undefined);
  await pause(phaseMs);
  driver.mark("during");
  await pause(GAP_MS);
  await Promise.all([strike(stage), pause(phaseMs)]);
  driver.mark("after");
  const mendedMs = performance.now();
  await Promise.all([mend(stage), pause(phaseMs)]);
  driver.finish();
  await report;
  await check?.(stage, mendedMs);
  return report;
}
