/** The command line of the benchmarks. */
import { writeFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { BenchFailure, EXIT, type ExitCode } from "./failure.ts";
import { FreePorts } from "./processes/free-ports.ts";
import { WorkDirectory } from "./processes/work-directory.ts";
import { comparisonText } from "./report/comparison.ts";
import { writeTable } from "./report/readme.ts";
import { runComparison } from "./run-comparison.ts";

const QUICK = { rounds: 3, seconds: 1.5 };
const FULL = { rounds: 3, seconds: 5 };

interface CompareFlags {
  readonly quick: boolean;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly only: readonly string[];
  readonly json?: string;
  readonly readme: boolean;
  readonly dir?: string;
  readonly etcd: string;
  readonly etcdctl: string;
  readonly etcdBenchmark: string;
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("It takes a whole number from 1.");
  return Number(text);
}

function seconds(text: string): number {
  if (!/^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("It takes seconds, such as 5 or 1.5.");
  return Number(text);
}

function another(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs one command line, without `node` and the script. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.measured;
  try {
    await build((ended) => (code = ended)).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.measured : EXIT.usage;
    if (!(error instanceof BenchFailure)) throw error;
    print(`bench: ${error.code}: ${error.message}`);
    return error.exitCode;
  }
}

function build(done: (code: ExitCode) => void): Command {
  const program = new Command("npm run bench --")
    .description("Measures kvorum beside others: interleaved rounds in one run, medians, CPU per operation")
    .option("--quick", "about two minutes: fewer rows, shorter windows", false)
    .option(
      "--rounds <n>",
      "how often each row is measured, three at least for figures to publish",
      wholeNumber,
    )
    .option("--seconds <s>", "how long a window is", seconds)
    .option("--only <row>", "only rows whose id contains this, and the control; may be repeated", another, [])
    .option("--json <file>", "write machine, versions, every window")
    .option("--readme", "write the tables into README.md, unless the run is void", false)
    .option(
      "--dir <dir>",
      "where the data of the servers goes: the disk that is measured (the temporary directory)",
    )
    .option("--etcd <path>", "etcd's server", "etcd")
    .option("--etcdctl <path>", "etcd's command line", "etcdctl")
    .option(
      "--etcd-benchmark <path>",
      "etcd's load tool; where it is missing, etcdctl check perf",
      "benchmark",
    )
    .helpOption("-h, --help", "show this")
    .showHelpAfterError("(npm run bench -- --help)")
    .addHelpText("after", afterHelp)
    .exitOverride()
    .action(async (flags: CompareFlags) => done(await compare(flags)));
  return program;
}

const afterHelp = `
Exit codes: 0 measured; 1 measured, but void: the raw echo drifted by more than 10 %; 2 usage; 4 something did not
start or answer. docs/performance.md says what the rows mean and how etcd's load tool is built.`;

async function compare(flags: CompareFlags): Promise<ExitCode> {
  const sizes = flags.quick ? QUICK : FULL;
  const work = new WorkDirectory(flags.dir);
  try {
    const comparison = await runComparison(
      { work, ports: new FreePorts() },
      {
        rounds: flags.rounds ?? sizes.rounds,
        windowSeconds: flags.seconds ?? sizes.seconds,
        isQuick: flags.quick,
        only: flags.only,
        etcd: { etcd: flags.etcd, etcdctl: flags.etcdctl },
        etcdBenchmark: flags.etcdBenchmark,
        onProgress: print,
      },
    );
    const text = comparisonText(comparison);
    process.stdout.write(text);
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(comparison, null, 2)}\n`);
    if (comparison.void !== null) return EXIT.void;
    if (flags.readme) writeTable("comparison", text);
    return EXIT.measured;
  } finally {
    work.remove();
  }
}
