/** `npm run bench -- micro`: hot functions one by one. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { microText } from "../report/micro.ts";
import { runMicro } from "../run-micro.ts";
import { deliver, onGround, progress, type CommonFlags } from "./common-flags.ts";

const QUICK_SECONDS = 0.2;
const FULL_SECONDS = 1;

export function addMicro(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("micro")
    .description("hot functions one by one: parser, frames, records, merges, sums, lookups, journal rounds")
    .action(async (_own: unknown, command: Command) => done(await micro(command.optsWithGlobals())));
}

async function micro(flags: CommonFlags): Promise<ExitCode> {
  const seconds = flags.seconds ?? (flags.quick === true ? QUICK_SECONDS : FULL_SECONDS);
  const { only = [] } = flags;
  const run = await onGround(flags, (ground) => runMicro(ground, { seconds, only, onProgress: progress }));
  return deliver(run, microText(run), "micro", flags);
}
