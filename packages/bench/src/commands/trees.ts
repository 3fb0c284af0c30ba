/** `npm run bench -- trees`: what exchanges between two homes cost. */
import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { treesText } from "../report/trees.ts";
import { runTrees } from "../run-trees.ts";
import { deliver, onGround, progress, wholeNumber, type CommonFlags } from "./common-flags.ts";

const FULL = { keys: 1_000_000, differences: [0, 1, 10, 100, 1_000, 10_000] };
const QUICK = { keys: 50_000, differences: [0, 10, 1_000] };
const ROUNDS = 5;

interface TreesFlags extends CommonFlags {
  readonly keys?: number;
}

export function addTrees(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("trees")
    .description("exchanges between two homes: bytes and CPU when equal, and by the keys that differ")
    .option("--keys <n>", "how many keys both hold", wholeNumber)
    .action(async (_own: unknown, command: Command) => done(await trees(command.optsWithGlobals())));
}

async function trees(flags: TreesFlags): Promise<ExitCode> {
  const size = flags.quick === true ? QUICK : FULL;
  const { keys = size.keys, rounds = ROUNDS } = flags;
  const options = { keys, differences: size.differences, rounds, onProgress: progress };
  const run = await onGround(flags, async (ground) => runTrees(ground, options));
  return deliver(run, treesText(run), "trees", flags);
}
