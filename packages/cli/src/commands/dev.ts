/** `kvorum dev`: runs a local cluster. */
import { Option, type Command } from "commander";
import { readNamespace, runDev } from "../dev/run-dev.ts";
import { MEMBERS_MAX, PORT_BASE_MAX, type DevNamespace } from "../dev/settings.ts";
import { usage, type ExitCode } from "../failure.ts";
import { wholeNumber } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { addDevControl } from "./dev-control.ts";

interface DevOptions {
  readonly members?: number;
  readonly zones?: number;
  readonly regions: number;
  readonly namespace?: readonly DevNamespace[];
  readonly dir: string;
  readonly clean?: boolean;
  readonly portBase?: number;
  readonly allowFlush?: boolean;
}

const later: Readonly<Record<string, string>> = {
  add: "adding members to a running cluster",
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
    .addOption(
      new Option("--allow-flush", "let FLUSHALL and FLUSHDB delete every key; else they are refused"),
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
          allowFlush: options.allowFlush === true,
        },
        print: (text) => terminal.out(text),
      });
      done(code);
    });
  addDevControl(dev, terminal, done);
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
