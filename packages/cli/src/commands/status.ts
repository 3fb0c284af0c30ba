/** `kvorum status`: the cluster as each of its members sees it. */
import type { Command } from "commander";
import { readMembers, readStatus, type MemberRow, type StatusRow } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { EXIT, Failure, wordsOf, type ExitCode } from "../failure.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { indent, table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

/** Longer than a member takes to give up on others. */
export const ADMIN_MS = 10_000;

/** What one member said; `status` is null when it did not answer. */
interface Seen {
  readonly member: MemberRow;
  readonly raw: unknown;
  readonly status: StatusRow | null;
  readonly error: string;
}

export function addStatus(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("status"))
    .description("the cluster as each of its members sees it; exits 1 unless all serve and agree")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const { value } = await askAdmin(servers, ADMIN_MS, "MEMBERS");
      const seen = await Promise.all(readMembers(value).map(look));
      const healthy = isHealthy(seen);
      if (options.json === true) printJson(terminal, jsonOf(seen, healthy));
      else terminal.out(textOf(seen));
      done(healthy ? EXIT.yes : EXIT.no);
    });
}

async function look(member: MemberRow): Promise<Seen> {
  try {
    const { value } = await askAdmin([member.resp], ADMIN_MS, "STATUS");
    return { member, raw: value, status: readStatus(value), error: "" };
  } catch (error) {
    const text =
      error instanceof Failure && error.exitCode === EXIT.unreachable ? "no answer" : wordsOf(error);
    return { member, raw: null, status: null, error: text };
  }
}

function isHealthy(seen: readonly Seen[]): boolean {
  const digests = new Set(seen.map(({ status }) => status?.topologyDigest ?? ""));
  const serving = seen.every(
    ({ status }) =>
      status?.state === "serving" &&
      !status.clockSuspended &&
      status.peers.every((peer) => peer.state === "up"),
  );
  return serving && digests.size === 1;
}

function jsonOf(seen: readonly Seen[], healthy: boolean): unknown {
  return {
    healthy,
    members: seen.map(({ member, raw, error }) => ({
      id: member.id,
      name: member.name,
      resp: member.resp,
      answered: raw !== null,
      ...(raw === null ? { error } : { status: raw }),
    })),
  };
}

function textOf(seen: readonly Seen[]): string {
  const first = seen.find(({ status }) => status !== null)?.status ?? null;
  const rows = seen.map(({ member, status, error }) =>
    status === null
      ? [member.name, member.resp, error]
      : [
          member.name,
          member.resp,
          status.clockSuspended ? `${status.state}, clock ahead: no writes` : status.state,
          peersText(status),
          String(status.gets),
          String(status.puts),
          String(status.failures),
          `${Math.ceil(status.journalBytes / 1024)} KiB`,
        ],
  );
  const head = ["member", "redis", "state", "peers", "gets", "puts", "failed", "journal"];
  const title =
    first === null ? "no member answered" : `${first.cluster}, epoch ${first.epoch}: ${seen.length} members`;
  return `${title}\n\n${indent(table(head, rows))}${disagreement(seen)}`;
}

function peersText({ peers }: StatusRow): string {
  const up = peers.filter(({ state }) => state === "up").length;
  if (up === peers.length) return `${up} up`;
  const others = peers.filter(({ state }) => state !== "up");
  const words = others.map(
    ({ name, state, reason }) => `${name} ${state}${state === "refused" ? ` (${reason})` : ""}`,
  );
  return `${up} up, ${words.join(", ")}`;
}

/** Members that were given different lists are two clusters of one name; say so where everybody looks. */
function disagreement(seen: readonly Seen[]): string {
  const digests = new Map<string, string[]>();
  for (const { member, status } of seen) {
    if (status === null) continue;
    digests.set(status.topologyDigest, [...(digests.get(status.topologyDigest) ?? []), member.name]);
  }
  if (digests.size < 2) return "";
  const groups = [...digests.values()].map((names) => names.join(", ")).join(" / ");
  return `\nThe members do not agree on the topology: ${groups}. Compare their configurations.\n`;
}
