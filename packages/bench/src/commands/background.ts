/** `npm run bench -- background`: what a member that comes back costs requests, with background work on and off. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { backgroundText, type BackgroundRun, type Mode } from "../report/background.ts";
import { runFaults, type Faults } from "../run-faults.ts";
import { deliver, onGround, progress, wholeNumber, type CommonFlags } from "./common-flags.ts";

const QUICK = { rounds: 1, seconds: 10, keys: 20_000 };
const FULL = { rounds: 3, seconds: 30, keys: 100_000 };
/** Of what the cluster takes when nothing else is to be done. */
const SHARE = 0.8;

/** Less than one operation per second cannot be had, and that is as good as none. */
const OFF = { backgroundOpsMax: 1, scrubPassMs: 0 };

interface BackgroundFlags extends CommonFlags {
  readonly rate?: number;
}

export function addBackground(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("background")
    .description("latencies at 80 % load while a member is dead and comes back, background work on and off")
    .option("--rate <n>", "requests a second (80 % of what the cluster takes)", wholeNumber)
    .action(async (_own: unknown, command: Command) => done(await background(command.optsWithGlobals())));
}

async function background(flags: BackgroundFlags): Promise<ExitCode> {
  const sizes = flags.quick === true ? QUICK : FULL;
  const runs: { readonly mode: Mode; readonly faults: Faults }[] = [];
  // The rate that the first run finds is that of all others.
  let perSecond = flags.rate ?? null;
  for (let round = 1; round <= (flags.rounds ?? sizes.rounds); round++) {
    for (const mode of ["on", "off"] as const) {
      progress(`round ${round}: background ${mode}`);
      // Each on members of its own, that have never missed anything.
      const faults = await onGround(flags, (ground) =>
        runFaults(ground, {
          rounds: 1,
          phaseSeconds: flags.seconds ?? sizes.seconds,
          keys: sizes.keys,
          massKeys: 0,
          only: ["kill"],
          perSecond,
          share: SHARE,
          limits: mode === "on" ? {} : OFF,
          onProgress: progress,
        }),
      );
      perSecond = faults.perSecond;
      runs.push({ mode, faults });
    }
  }
  const run: BackgroundRun = {
    kind: "background",
    void: runs.map(({ faults }) => faults.void).find((why) => why !== null) ?? null,
    runs,
  };
  return deliver(run, backgroundText(run), "background", flags);
}
