/** `npm run bench -- open-loop`: latencies under constant arrivals. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { openLoopText } from "../report/open-loop.ts";
import { runOpenLoop } from "../run-open-loop.ts";
import { deliver, onGround, progress, wholeNumber, type CommonFlags } from "./common-flags.ts";

const QUICK = { rounds: 3, seconds: 3 };
const FULL = { rounds: 3, seconds: 15 };

interface OpenLoopFlags extends CommonFlags {
  readonly rate?: number;
}

export function addOpenLoop(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("open-loop")
    .description(
      "latencies under constant arrivals: uniform and zipfian keys, three mixes, each store in turns",
    )
    .option("--rate <n>", "requests a second (half of what kvorum takes of the mix)", wholeNumber)
    .action(async (_own: unknown, command: Command) => done(await openLoop(command.optsWithGlobals())));
}

async function openLoop(flags: OpenLoopFlags): Promise<ExitCode> {
  const sizes = flags.quick === true ? QUICK : FULL;
  const run = await onGround(flags, (ground) =>
    runOpenLoop(ground, {
      rounds: flags.rounds ?? sizes.rounds,
      windowSeconds: flags.seconds ?? sizes.seconds,
      isQuick: flags.quick === true,
      only: flags.only ?? [],
      perSecond: flags.rate ?? null,
      onProgress: progress,
    }),
  );
  return deliver(run, openLoopText(run), "open-loop", flags);
}
