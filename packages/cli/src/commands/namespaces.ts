/** `kvorum namespace list`. */
import type { Command } from "commander";
import { readNamespaces } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { withCommonOptions, type CommonOptions } from "../options.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

export function addNamespaces(program: Command, terminal: Terminal): void {
  const namespace = program.command("namespace").description("namespaces and what each does about conflicts");
  withCommonOptions(namespace.command("list"))
    .description("all of them")
    .action(async (options: CommonOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const { value } = await askAdmin(servers, ADMIN_MS, "NAMESPACES");
      const namespaces = readNamespaces(value);
      if (options.json === true) return printJson(terminal, value);
      const rows = namespaces.map(({ id, name, policy, n }) => [String(id), name, policy, String(n)]);
      terminal.out(table(["id", "namespace", "policy", "homes"], rows));
    });
}
