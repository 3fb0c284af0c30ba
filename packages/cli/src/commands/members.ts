/** `kvorum members`: who is in the cluster, as the member that answers knows it. */
import type { Command } from "commander";
import { readMembers } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

export function addMembers(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command("members"))
    .description("the members, where they are and whether the one that answers reaches them")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const { value } = await askAdmin(servers, ADMIN_MS, "MEMBERS");
      const members = readMembers(value);
      if (options.json === true) return printJson(terminal, value);
      const rows = members.map((member) => [
        String(member.id),
        member.name,
        member.host,
        member.zone,
        member.region,
        String(member.weight),
        member.resp,
        member.peer,
        member.http,
        member.reachable ? "yes" : "no",
      ]);
      const head = ["id", "member", "host", "zone", "region", "weight", "redis", "peers", "http", "reached"];
      terminal.out(table(head, rows));
    });
}
