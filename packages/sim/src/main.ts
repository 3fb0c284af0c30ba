/** The command line of the simulator. */
import { parseArgs } from "node:util";
import { searchCanaries } from "./canaries/search.ts";
import { runMany } from "./commands/many.ts";
import { UsageError, runOne, runRegression, shrinkOne } from "./commands/one.ts";
import { print } from "./commands/print.ts";

const USAGE = `npm run sim -- --seeds N [--from SEED] [--minutes M]   fresh seeds, or those from SEED on
npm run sim -- --seed SEED [--trace [--key KEY]]       one seed, with everything that happens in it
npm run sim -- --seed SEED --checkpoints               one seed, with the hash of its log every 1,000 entries
npm run sim -- --shrink SEED [--save NAME]             makes a failing seed small, and keeps it as a regression
npm run sim -- --regression NAME [--trace [--key KEY]] a seed that was kept
npm run sim -- --canaries [--from SEED]                planted bugs: how soon each is caught
      --planted BUG   with --seed, --shrink or --regression: core with this planted bug`;

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[0-9]{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return Number(text);
}

/** Nobody tries the same thousand twice. */
function freshSeed(): number {
  return Math.floor(Date.now() / 1000) * 1000;
}

async function main(words: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: words,
    options: {
      help: { type: "boolean" },
      seeds: { type: "string" },
      from: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
      trace: { type: "boolean" },
      key: { type: "string" },
      checkpoints: { type: "boolean" },
      shrink: { type: "string" },
      save: { type: "string" },
      regression: { type: "string" },
      canaries: { type: "boolean" },
      planted: { type: "string" },
    },
  });
  if (values.help === true) {
    print(USAGE);
    return true;
  }
  const one = {
    isTraced: values.trace === true,
    key: values.key ?? null,
    withCheckpoints: values.checkpoints === true,
    planted: values.planted ?? null,
  };
  if (values.seed !== undefined) return runOne(wholeNumber("seed", values.seed, 0), one);
  if (values.regression !== undefined) return runRegression(values.regression, one);
  if (values.shrink !== undefined)
    return shrinkOne(wholeNumber("shrink", values.shrink, 0), one.planted, values.save ?? null);
  const from = wholeNumber("from", values.from, freshSeed());
  if (values.canaries === true) return searchCanaries(from, print);
  const minutes = wholeNumber("minutes", values.minutes, 60);
  return runMany(from, wholeNumber("seeds", values.seeds, 100), Date.now() + minutes * 60_000);
}

// Whoever reads only the beginning of a trace has seen enough.
process.stdout.on("error", () => process.exit());

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = 2;
}
