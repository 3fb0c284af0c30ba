/** `npm run bench -- faults`: latencies and errors while something happens to the cluster. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { faultsText } from "../report/faults.ts";
import { runFaults } from "../run-faults.ts";
import { deliver, onGround, progress, wholeNumber, type CommonFlags } from "./common-flags.ts";

const QUICK = { rounds: 1, seconds: 3, keys: 20_000, massKeys: 50_000 };
const FULL = { rounds: 3, seconds: 10, keys: 100_000, massKeys: 1_000_000 };

const HALF = 0.5;

interface FaultsFlags extends CommonFlags {
  readonly rate?: number;
}

export function addFaults(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("faults")
    .description("latencies and errors at half load while a member is killed, paused, restarted, slow, ...")
    .option("--rate <n>", "requests a second (half of what the cluster takes)", wholeNumber)
    .action(async (_own: unknown, command: Command) => done(await faults(command.optsWithGlobals())));
}

async function faults(flags: FaultsFlags): Promise<ExitCode> {
  const sizes = flags.quick === true ? QUICK : FULL;
  const run = await onGround(flags, (ground) =>
    runFaults(ground, {
      rounds: flags.rounds ?? sizes.rounds,
      phaseSeconds: flags.seconds ?? sizes.seconds,
      keys: sizes.keys,
      massKeys: sizes.massKeys,
      only: flags.only ?? [],
      perSecond: flags.rate ?? null,
      share: HALF,
      onProgress: progress,
    }),
  );
  return deliver(run, faultsText(run), "faults", flags);
}
