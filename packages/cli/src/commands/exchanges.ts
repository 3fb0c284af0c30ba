/** `kvorum exchanges`: how each member has found what it holds to compare with what its peers hold. */
import type { Command } from "commander";
import { readUpkeep, type ExchangeRow, type UpkeepRow } from "../admin-copies.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS, noAnswer, tellEach, type Told } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { bytesText, durationText } from "../units.ts";

export function addExchanges(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("exchanges"))
    .description("what members found when they compared their copies; exits 1 unless all members answer")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const told = await tellEach(servers, async (server) =>
        readUpkeep((await askAdmin([server], ADMIN_MS, "EXCHANGES")).value),
      );
      if (options.json === true) printJson(terminal, { members: told.map(jsonOf) });
      else terminal.out(table(HEAD, told.flatMap(rowsOf)));
      done(told.every(({ answer }) => answer !== null) ? EXIT.yes : EXIT.no);
    });
}

function jsonOf(told: Told<UpkeepRow>): unknown {
  const { member, answer } = told;
  const { id, name } = member;
  return { id, name, ...(answer === null ? { error: noAnswer(told) } : answer) };
}

const HEAD = [
  "member",
  "peer",
  "shared",
  "proven",
  "oldest proof",
  "exchanges",
  "differed",
  "mended",
  "bytes",
  "last",
];

function rowsOf(told: Told<UpkeepRow>): string[][] {
  const { member, answer } = told;
  if (answer === null) return [[member.name, noAnswer(told)]];
  return answer.exchanges.map((row) => [
    member.name,
    row.name,
    String(row.partitions),
    String(row.proven),
    proofText(row),
    String(row.exchanges),
    String(row.different),
    String(row.repaired),
    bytesText(row.bytes),
    lastText(row, answer.slotsUnknown),
  ]);
}

function proofText({ proven, partitions, oldestProofMs }: ExchangeRow): string {
  return proven === partitions ? durationText(oldestProofMs) : `none for ${durationText(oldestProofMs)}`;
}

function lastText({ lastCode }: ExchangeRow, slotsUnknown: number): string {
  if (slotsUnknown > 0) return `waits: ${slotsUnknown} slots are read`;
  return lastCode === "" ? "not yet" : lastCode;
}
