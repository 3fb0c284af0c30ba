/** `kvorum hints`: what members keep for others that missed it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { readHints, type HintRow } from "../admin-copies.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS, noAnswer, tellEach, type Told } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { bytesText, durationText } from "../units.ts";

interface HintsOptions extends CommonOptions {
  readonly watch?: true;
}

type Answers = readonly Told<readonly HintRow[]>[];

const WATCH_MS = 1_000;

export function addHints(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("hints"))
    .description("what members keep for others that missed it; exits 1 unless all members answer")
    .option("--watch", "look again every second until all members answer and nothing is kept")
    .action(async (options: HintsOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      let answers = await ask(servers);
      while (options.watch === true && !isLevel(answers)) {
        terminal.err(`${summary(answers)}\n`);
        await sleep(WATCH_MS);
        answers = await ask(servers);
      }
      if (options.json === true) printJson(terminal, { members: answers.map(jsonOf) });
      else terminal.out(textOf(answers));
      done(answers.every(({ answer }) => answer !== null) ? EXIT.yes : EXIT.no);
    });
}

async function ask(servers: readonly string[]): Promise<Answers> {
  return tellEach(servers, async (server) => readHints((await askAdmin([server], ADMIN_MS, "HINTS")).value));
}

function isLevel(answers: Answers): boolean {
  return answers.every(({ answer }) => answer !== null && answer.every((row) => kept(row) === 0));
}

function kept({ references, copies }: HintRow): number {
  return references + copies;
}

/** One line: for a log as well as for a terminal. */
function summary(answers: Answers): string {
  const rows = answers.flatMap(({ answer }) => answer ?? []);
  const hints = rows.reduce((sum, row) => sum + kept(row), 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const silent = answers.filter(({ answer }) => answer === null).map(({ member }) => member.name);
  const rest = silent.length === 0 ? "" : `; no answer from ${silent.join(", ")}`;
  return `${hints} hints, ${bytesText(bytes)}${rest}`;
}

function jsonOf(told: Told<readonly HintRow[]>): unknown {
  const { member, answer } = told;
  const { id, name } = member;
  return { id, name, ...(answer === null ? { error: noAnswer(told) } : { hints: answer }) };
}

const HEAD = ["member", "for", "references", "copies", "bytes", "oldest", "delivered", "no room", "last"];

function textOf(answers: Answers): string {
  const rows = answers.flatMap(rowsOf);
  return rows.length === 0 ? "No member has kept anything for another since its start.\n" : table(HEAD, rows);
}

function rowsOf(told: Told<readonly HintRow[]>): string[][] {
  const { member, answer } = told;
  if (answer === null) return [[member.name, noAnswer(told)]];
  return answer.map((row) => [
    member.name,
    row.name,
    String(row.references),
    String(row.copies),
    bytesText(row.bytes),
    kept(row) === 0 ? "" : durationText(row.oldestMs),
    String(row.delivered),
    String(row.dropped + row.refused),
    row.lastCode,
  ]);
}
