/** `kvorum dev` and what can be done to the members of a local cluster. */
import { Option, type Command } from "commander";
import { CONTROL_VERBS, exchange, type ControlVerb } from "../dev/control.ts";
import { DevDirectory } from "../dev/dev-directory.ts";
import { readDevFile } from "../dev/dev-file.ts";
import { readNamespace, runDev } from "../dev/run-dev.ts";
import { MEMBERS_MAX, PORT_BASE_MAX, type DevNamespace } from "../dev/settings.ts";
import { EXIT, Failure, usage, wordsOf, type ExitCode } from "../failure.ts";
import { wholeNumber } from "../options.ts";
import { printJson, type Terminal } from "../terminal.ts";

interface DevOptions {
  readonly members?: number;
  readonly zones?: number;
  readonly regions: number;
  readonly namespace?: readonly DevNamespace[];
  readonly dir: string;
  readonly clean?: boolean;
  readonly portBase?: number;
}

interface ControlOptions {
  readonly dir: string;
  readonly json?: boolean;
}

/** A stop waits for the member's engine to close, a start for its journal to be read. */
const CONTROL_MS = 120_000;

const descriptions: Readonly<Record<ControlVerb, string>> = {
  stop: "stop a member in order (TERM)",
  kill: "kill a member at once (-9)",
  start: "start a member again",
  pause: "make a member hang (STOP)",
  resume: "let a paused member go on (CONT)",
};

const later: Readonly<Record<string, string>> = {
  add: "adding members to a running cluster",
  partition: "cutting links between members",
  heal: "mending links between members",
};

export function addDev(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  const dev = program
    .command("dev")
    .description("run a cluster on this machine, until Ctrl-C; the data is kept")
    .addOption(new Option("--members <n>", "how many members (3)").argParser(wholeNumber(1, MEMBERS_MAX)))
    .addOption(
      new Option("--zones <n>", "spread over how many zones (3)").argParser(wholeNumber(1, MEMBERS_MAX)),
    )
    .addOption(new Option("--regions <n>", "how many regions").argParser(wholeNumber(1, 99)).default(1))
    .addOption(
      new Option("--namespace <name:policy>", "a namespace beside default; may be repeated").argParser(
        (text, before: readonly DevNamespace[] | undefined) => [...(before ?? []), readNamespace(text)],
      ),
    )
    .addOption(new Option("--dir <dir>", "where its data is").default(".kvorum"))
    .addOption(new Option("--clean", "remove what is there and begin anew"))
    .addOption(
      new Option("--port-base <port>", "member n takes base+n, +100+n and +200+n (7400)").argParser(
        wholeNumber(1, PORT_BASE_MAX),
      ),
    )
    .action(async (options: DevOptions) => {
      if (options.regions > 1) throw usage("several regions are not there yet; this release has --regions 1");
      const code = await runDev({
        dir: options.dir,
        clean: options.clean === true,
        wishes: {
          members: options.members ?? null,
          zones: options.zones ?? null,
          namespaces: options.namespace ?? null,
          portBase: options.portBase ?? null,
        },
        print: (text) => terminal.out(text),
      });
      done(code);
    });
  for (const verb of CONTROL_VERBS) {
    dev
      .command(`${verb} <member>`)
      .description(descriptions[verb])
      .option("--dir <dir>", "where the cluster's data is")
      .option("--json", "print JSON")
      .action(async (member: string, _: unknown, command: Command) => {
        await control(verb, member, command.optsWithGlobals<ControlOptions>(), terminal);
        done(EXIT.yes);
      });
  }
  for (const [verb, what] of Object.entries(later)) {
    dev
      .command(verb, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw usage(`${what} (kvorum dev ${verb}) is not there yet`, "see kvorum dev --help for what is");
      });
  }
}

async function control(
  verb: ControlVerb,
  member: string,
  options: ControlOptions,
  terminal: Terminal,
): Promise<void> {
  if (!/^(member-)?[1-9][0-9]?$/.test(member)) throw usage(`${member} is not a member; say 2 or member-2`);
  const directory = new DevDirectory(options.dir);
  const file = readDevFile(directory);
  if (file === null) throw nothingRuns(directory);
  try {
    const answer = await exchange(file.control, { verb, member }, CONTROL_MS);
    if (!answer.ok) throw new Failure(EXIT.refused, "REFUSED", answer.text);
    if (options.json === true) printJson(terminal, { ok: true, verb, member, text: answer.text });
    else terminal.out(`${answer.text}\n`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw nothingRuns(directory, wordsOf(error));
  }
}

function nothingRuns(directory: DevDirectory, why = ""): Failure {
  const text = `no cluster runs in ${directory.root}${why === "" ? "" : ` (${why})`}`;
  return new Failure(
    EXIT.unreachable,
    "UNREACHABLE",
    text,
    "start one with: kvorum dev; or name its directory with --dir",
  );
}
