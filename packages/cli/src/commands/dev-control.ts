/** What can be done to a local cluster that runs: to its members, and to the links between them. */
import type { Command } from "commander";
import {
  exchange,
  MEMBER_VERBS,
  type ControlAnswer,
  type ControlRequest,
  type MemberVerb,
} from "../dev/control.ts";
import { DevDirectory } from "../dev/dev-directory.ts";
import { readDevFile } from "../dev/dev-file.ts";
import { EXIT, Failure, usage, wordsOf, type ExitCode } from "../failure.ts";
import { printJson, type Terminal } from "../terminal.ts";

interface ControlOptions {
  readonly dir: string;
  readonly json?: boolean;
  readonly oneWay?: boolean;
}

/** A stop waits for the member's engine to close, a start for its journal to be read. */
const CONTROL_MS = 120_000;

const memberVerbs: Readonly<Record<MemberVerb, string>> = {
  stop: "stop a member in order (TERM)",
  kill: "kill a member at once (-9)",
  start: "start a member again",
  pause: "make a member hang (STOP)",
  resume: "let a paused member go on (CONT)",
};

const afterPartition = `
A cut is silence: nothing arrives, connections stay open, and new ones hang. kvorum dev heal mends it; what was
sent meanwhile then arrives late, if it is still wanted.

  kvorum dev partition 1:2             members 1 and 2 do not hear each other; 3 hears both
  kvorum dev partition 1:2 --one-way   only what 1 sends to 2 vanishes
  kvorum dev partition 1:3             after 1:2, in a cluster of three: 1 is alone
`;

export function addDevControl(dev: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  for (const verb of MEMBER_VERBS) {
    withOptions(dev.command(`${verb} <member>`))
      .description(memberVerbs[verb])
      .action(async (member: string, _: unknown, command: Command) => {
        if (!/^(member-)?[1-9][0-9]?$/.test(member))
          throw usage(`${member} is not a member; say 2 or member-2`);
        const options = command.optsWithGlobals<ControlOptions>();
        const { text } = await request(options.dir, { verb, member });
        tell(terminal, options, text, { ok: true, verb, member, text });
        done(EXIT.yes);
      });
  }
  withOptions(dev.command("partition <link>"))
    .usage("A:B [options]")
    .description("cut the link between two members, such as 1:2")
    .option("--one-way", "only what A sends to B vanishes")
    .addHelpText("after", afterPartition)
    .action(async (link: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>();
      checkLink(link);
      const oneWay = options.oneWay === true;
      const { text } = await request(options.dir, { verb: "partition", link, oneWay });
      tell(terminal, options, text, { ok: true, verb: "partition", link, oneWay, text });
      done(EXIT.yes);
    });
  withOptions(dev.command("heal [link]"))
    .usage("[A:B] [options]")
    .description("mend the link between two members, or all links")
    .action(async (link: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ControlOptions>();
      if (link !== undefined) checkLink(link);
      const { text } = await request(options.dir, { verb: "heal", link: link ?? "", oneWay: false });
      tell(terminal, options, text, { ok: true, verb: "heal", link: link ?? null, text });
      done(EXIT.yes);
    });
}

function withOptions(command: Command): Command {
  return command.option("--dir <dir>", "where the cluster's data is").option("--json", "print JSON");
}

function checkLink(link: string): void {
  const [, first, second] = /^(?:member-)?([1-9][0-9]?):(?:member-)?([1-9][0-9]?)$/.exec(link) ?? [];
  if (first === undefined) throw usage(`${link} is not a link; name two members, such as 1:2`);
  if (first === second)
    throw usage(
      `${link} names one member twice`,
      `name the other member too, such as ${first}:${first === "1" ? 2 : 1}`,
    );
}

function tell(terminal: Terminal, options: ControlOptions, text: string, json: unknown): void {
  if (options.json === true) printJson(terminal, json);
  else terminal.out(`${text}\n`);
}

async function request(dir: string, wish: ControlRequest): Promise<ControlAnswer> {
  const directory = new DevDirectory(dir);
  const file = readDevFile(directory);
  if (file === null) throw nothingRuns(directory);
  let answer: ControlAnswer;
  try {
    answer = await exchange(file.control, wish, CONTROL_MS);
  } catch (error) {
    throw nothingRuns(directory, wordsOf(error));
  }
  if (!answer.ok) throw new Failure(EXIT.refused, "REFUSED", answer.text);
  return answer;
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
