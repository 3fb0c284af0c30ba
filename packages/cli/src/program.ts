/** The `kvorum` command: which words it knows, and how each ends. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addBudget } from "./commands/budget.ts";
import { addConflicts } from "./commands/conflicts.ts";
import { addDev } from "./commands/dev.ts";
import { addExchanges } from "./commands/exchanges.ts";
import { addExplain } from "./commands/explain.ts";
import { addHints } from "./commands/hints.ts";
import { addMembers } from "./commands/members.ts";
import { addNamespaces } from "./commands/namespaces.ts";
import { addPartitions } from "./commands/partitions.ts";
import { addRing } from "./commands/ring.ts";
import { addStart } from "./commands/start.ts";
import { addStatus } from "./commands/status.ts";
import { addValues } from "./commands/values.ts";
import { addVerify } from "./commands/verify.ts";
import { EXIT, Failure, type ExitCode } from "./failure.ts";
import { printJson, type Terminal } from "./terminal.ts";

const afterHelp = `
Try:
  kvorum dev                      a cluster of three members on this machine
  kvorum put greeting hello       then get, explain, delete
  kvorum status                   the cluster as each member sees it

Which members are asked: --server HOST:PORT or KVORUM_SERVER; else those of the cluster in ./.kvorum (or --dir),
then 127.0.0.1:7401 and 127.0.0.1:7400.

Exit codes: 0 yes; 1 no (absent, differs); 2 usage or configuration; 3 nobody could be reached; 4 refused, or a
limit; 5 the outcome is unknown.`;

/** Runs one command line, without `node` and the script. Never throws for what a user can do. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.yes;
  const program = build(terminal, (ended) => (code = ended));
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    // Help and version arrive here too; commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage;
    if (!(error instanceof Failure)) throw error;
    report(error, argv, terminal);
    return error.exitCode;
  }
}

function build(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command("kvorum")
    .description("A Dynamo-style key-value store: tunable per request, and honest about what it achieved")
    .version(ownVersion(), "--version")
    .helpOption("-h, --help", "show this")
    .helpCommand(false)
    .showHelpAfterError("(see kvorum --help)")
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .addHelpText("after", afterHelp)
    .exitOverride();
  addDev(program, terminal, done);
  addStart(program, done);
  addStatus(program, terminal, done);
  addMembers(program, terminal);
  addRing(program, terminal);
  addValues(program, terminal, done);
  addExplain(program, terminal, done);
  addNamespaces(program, terminal);
  addConflicts(program, terminal);
  addBudget(program, terminal, done);
  addExchanges(program, terminal, done);
  addHints(program, terminal, done);
  addPartitions(program, terminal, done);
  addVerify(program, terminal, done);
  return program;
}

function report(failure: Failure, argv: readonly string[], terminal: Terminal): void {
  if (argv.includes("--json")) {
    const { code, message, next, exitCode } = failure;
    printJson(terminal, { error: { code, message, next, exitCode } });
    return;
  }
  terminal.err(`kvorum: ${failure.message}\n`);
  if (failure.next !== "") terminal.err(`  next: ${failure.next}\n`);
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const named =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : null;
  return typeof named === "string" ? named : "unknown";
}
