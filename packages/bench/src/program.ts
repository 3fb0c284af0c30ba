/** The command line of the benchmarks. */
import { Command, CommanderError } from "commander";
import { addBackground } from "./commands/background.ts";
import { addCompare } from "./commands/compare.ts";
import { progress, seconds, wholeNumber } from "./commands/common-flags.ts";
import { addFaults } from "./commands/faults.ts";
import { addMicro } from "./commands/micro.ts";
import { addOpenLoop } from "./commands/open-loop.ts";
import { addTrees } from "./commands/trees.ts";
import { BenchFailure, EXIT, type ExitCode } from "./failure.ts";

const afterHelp = `
Exit codes: 0 measured; 1 measured, but void: the raw echo drifted by more than 10 %; 2 usage; 4 something did not
start or answer. docs/performance.md says what the rows mean and how etcd's load tool is built.`;

/** Runs one command line, without `node` and the script. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.measured;
  try {
    await build((ended) => (code = ended)).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.measured : EXIT.usage;
    if (!(error instanceof BenchFailure)) throw error;
    progress(`bench: ${error.code}: ${error.message}`);
    return error.exitCode;
  }
}

function build(done: (code: ExitCode) => void): Command {
  const program = new Command("npm run bench --")
    .description("Measures kvorum beside others: interleaved rounds in one run, medians, CPU per operation")
    .option("--quick", "about two minutes: fewer rows, shorter windows")
    .option(
      "--rounds <n>",
      "how often each row is measured, three at least for figures to publish",
      wholeNumber,
    )
    .option("--seconds <s>", "how long a window is", seconds)
    .option("--json <file>", "write machine, versions, every window")
    .option("--write", "write the tables into README.md or docs/performance.md; a void run says so there")
    .option(
      "--dir <dir>",
      "where the data of the servers goes: the disk that is measured (the temporary directory)",
    )
    .helpOption("-h, --help", "show this")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(npm run bench -- --help)")
    .addHelpText("after", afterHelp)
    .exitOverride();
  addCompare(program, done);
  addOpenLoop(program, done);
  addFaults(program, done);
  addBackground(program, done);
  addMicro(program, done);
  addTrees(program, done);
  return program;
}
