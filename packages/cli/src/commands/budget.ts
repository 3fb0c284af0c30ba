/** `kvorum budget`: what each member may do in the background, and what it has done; with options, sets it. */
import { Option, type Command } from "commander";
import { readMembers, type MemberRow } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { EXIT, wordsOf, type ExitCode } from "../failure.ts";
import { numberOf, objectOf } from "../json.ts";
import { wholeNumber, withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { bytesText, shortText } from "../units.ts";

interface BudgetOptions extends CommonOptions {
  readonly rate?: number;
  readonly bytes?: number;
}

interface Answered {
  readonly member: MemberRow;
  readonly budget: unknown;
  readonly error: string;
}

export function addBudget(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("budget"))
    .description("what members may do in the background, per second; exits 1 unless all answer")
    .addOption(
      new Option("--rate <operations>", "at most so many operations, until the next start").argParser(
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      new Option("--bytes <bytes>", "at most so many bytes, until the next start").argParser(
        wholeNumber(1, 2 ** 40),
      ),
    )
    .action(async (options: BudgetOptions) => {
      const { server, dir, rate, bytes } = options;
      const servers = serversToAsk({ server: server ?? null, dir, env: terminal.env });
      const all = readMembers((await askAdmin(servers, ADMIN_MS, "MEMBERS")).value);
      // Who names a member means that one.
      const meant = server === undefined ? all : all.filter(({ resp }) => resp === server);
      const words = [
        ...(rate === undefined ? [] : ["RATE", String(rate)]),
        ...(bytes === undefined ? [] : ["BYTES", String(bytes)]),
      ];
      const answers = await Promise.all(meant.map((member) => budgetOf(member, words)));
      if (options.json === true) printJson(terminal, answers.map(jsonOf));
      else terminal.out(table(HEAD, answers.map(rowOf)));
      done(answers.every(({ budget }) => budget !== null) ? EXIT.yes : EXIT.no);
    });
}

async function budgetOf(member: MemberRow, words: readonly string[]): Promise<Answered> {
  try {
    const { value } = await askAdmin([member.resp], ADMIN_MS, "BUDGET", words);
    return { member, budget: value, error: "" };
  } catch (error) {
    return { member, budget: null, error: wordsOf(error) };
  }
}

function jsonOf({ member: { id, name }, budget, error }: Answered): unknown {
  return { id, name, ...(budget === null ? { error } : { budget }) };
}

const HEAD = [
  "member",
  "operations/s",
  "at most",
  "bytes/s",
  "at most",
  "p99 ms",
  "halved",
  "waiting",
  "done",
];

function rowOf({ member: { name }, budget, error }: Answered): string[] {
  if (budget === null) return [name, error];
  const row = objectOf(budget, "budget");
  const number = (key: string): number => numberOf(row[key], key);
  const claims = (key: string): string => {
    const counts = Object.entries(objectOf(row[key], key));
    const some = counts.map(([claim, count]) => ({ claim, count: numberOf(count, claim) }));
    return some.flatMap(({ claim, count }) => (count > 0 ? [`${claim} ${count}`] : [])).join(", ");
  };
  return [
    name,
    String(number("operationsRate")),
    String(number("operationsRateMax")),
    bytesText(number("bytesRate")),
    bytesText(number("bytesRateMax")),
    shortText(number("foregroundTailMs")),
    String(number("halvings")),
    claims("waiting"),
    claims("operations"),
  ];
}
