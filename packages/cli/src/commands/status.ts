/** `kvorum status`: the cluster as each of its members sees it, what is wrong first. */
import type { Command } from "commander";
import { readStatus, type MemberRow, type StatusRow } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS, noAnswer, tellEach } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { healthOf, type Health, type Seen } from "../health.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { indent, table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { bytesText, durationText, rateText, shortText } from "../units.ts";

/** What a member answered, as it came. */
interface Answered extends Seen {
  readonly raw: unknown;
}

export function addStatus(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("status"))
    .description("the cluster as each of its members sees it; exits 1 unless all serve and agree")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const told = await tellEach(servers, async (server) => {
        const { value } = await askAdmin([server], ADMIN_MS, "STATUS");
        return { raw: value, status: readStatus(value) };
      });
      const seen = told.map(({ member, answer, error }): Answered => {
        return { member, raw: answer?.raw ?? null, status: answer?.status ?? null, error };
      });
      const health = healthOf(seen);
      if (options.json === true) printJson(terminal, jsonOf(seen, health));
      else terminal.out(statusText(seen, health));
      done(health.wrong.length === 0 ? EXIT.yes : EXIT.no);
    });
}

function jsonOf(seen: readonly Answered[], { wrong, look: toLookAt }: Health): unknown {
  return {
    healthy: wrong.length === 0,
    wrong,
    look: toLookAt,
    members: seen.map(({ member, raw, error }) => ({
      id: member.id,
      name: member.name,
      resp: member.resp,
      answered: raw !== null,
      ...(raw === null ? { error: noAnswer({ error }) } : { status: raw }),
    })),
  };
}

/** For people. */
export function statusText(seen: readonly Seen[], { wrong, look: toLookAt }: Health): string {
  const rows = seen.map(({ member, status, error }) =>
    status === null ? [member.name, member.resp, noAnswer({ error })] : rowOf(member, status),
  );
  const findings = [
    ...wrong.map((text) => `  wrong: ${text}\n`),
    ...toLookAt.map((text) => `  look: ${text}\n`),
  ].join("");
  return `${title(seen, wrong.length)}\n\n${findings === "" ? "" : `${findings}\n`}${indent(table(HEAD, rows))}`;
}

function title(seen: readonly Seen[], wrong: number): string {
  const first = seen.find(({ status }) => status !== null)?.status ?? null;
  if (first === null) return "no member answered";
  const members = seen.length === 1 ? "1 member" : `${seen.length} members`;
  return `${first.cluster}, epoch ${first.epoch}: ${members}${wrong === 0 ? "" : `, ${wrong} wrong`}`;
}

const HEAD = [
  "member",
  "redis",
  "state",
  "peers",
  "round trip",
  "proofs",
  "up for",
  "release",
  "gets",
  "a second",
  "puts",
  "a second",
  "failed",
  "journal",
  "data",
  "disk free",
  "memory",
];

function rowOf(member: MemberRow, status: StatusRow): string[] {
  const { process, gets, puts, failures } = status;
  const rate = (count: number): string => (process === null ? "" : rateText(count, process.uptimeMs));
  return [
    member.name,
    member.resp,
    status.clockSuspended ? `${status.state}, clock ahead: no writes` : status.state,
    peersText(status),
    roundTripText(status),
    proofText(status),
    process === null ? "" : durationText(process.uptimeMs),
    status.release,
    String(gets),
    rate(gets),
    String(puts),
    rate(puts),
    String(failures),
    bytesText(status.journalBytes),
    process === null || process.dataBytes === null ? "" : bytesText(process.dataBytes),
    process === null ? "" : bytesText(process.diskFreeBytes),
    process === null ? "" : bytesText(process.residentBytes),
  ];
}

function peersText({ peers }: StatusRow): string {
  const others = peers.filter(({ state }) => state !== "up");
  const words = others.map(({ name, state }) => `${name} ${state}`);
  return [`${peers.length - others.length} up`, ...words].join(", ");
}

/** To the farthest of the others. */
function roundTripText({ peers }: StatusRow): string {
  const longest = Math.max(0, ...peers.filter(({ state }) => state === "up").map((peer) => peer.roundTripMs));
  return longest === 0 ? "" : `${shortText(longest)} ms`;
}

/** Since when all that it shares with others is proven the same, at the least. */
function proofText({ upkeep }: StatusRow): string {
  if (upkeep === null || upkeep.exchanges.length === 0) return "";
  if (upkeep.slotsUnknown > 0) return `${upkeep.slotsUnknown} slots are read`;
  return durationText(Math.max(...upkeep.exchanges.map(({ oldestProofMs }) => oldestProofMs)));
}
