/** `kvorum ring` and `kvorum ring KEY`: where keys live. */
import type { Command } from "commander";
import { readMembers, readPlace, readRing, type MemberRow } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { ringPicture } from "../ring-picture.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

export function addRing(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command("ring [key]"))
    .description("how partitions are spread over the members; with a key, where that key lives")
    .action(async (key: string | undefined, options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const words = key === undefined ? [] : [key];
      const { server, value } = await askAdmin(servers, ADMIN_MS, "RING", words);
      if (options.json === true) return printJson(terminal, value);
      // The same member, so that both answers are of one opinion.
      const members = readMembers((await askAdmin([server], ADMIN_MS, "MEMBERS")).value);
      terminal.out(
        key === undefined ? ringPicture(readRing(value), members) : placeText(key, value, members),
      );
    });
}

function placeText(key: string, value: unknown, members: readonly MemberRow[]): string {
  const place = readPlace(value);
  const row = (id: number, role: string): string[] => {
    const member = members.find((candidate) => candidate.id === id);
    const reached = member?.reachable === true ? "yes" : "no";
    return [
      role,
      member?.name ?? String(id),
      member?.zone ?? "",
      member?.host ?? "",
      member?.resp ?? "",
      reached,
    ];
  };
  const homes = place.homes.map((id, index) =>
    row(id, id === place.coordinator ? `home ${index + 1}, coordinates` : `home ${index + 1}`),
  );
  const fallbacks = place.fallbacks.map((id, index) => row(id, `fallback ${index + 1}`));
  const title = `${key}: slot ${place.slot}, partition ${place.partition}, epoch ${place.epoch}`;
  return `${title}\n\n${table(["role", "member", "zone", "host", "redis", "reached"], [...homes, ...fallbacks])}`;
}
