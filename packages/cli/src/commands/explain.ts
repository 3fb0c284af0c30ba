/** `kvorum explain KEY`: what each home of a key holds. */
import type { Command } from "commander";
import { readExplanation, type ExplanationRow, type ViewRow } from "../admin.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { withKeyOptions, type KeyOptions } from "../options.ts";
import { expiryText } from "../printable.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

export function addExplain(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withKeyOptions(program.command("explain <key>"))
    .description(
      "where a key lives and what each home holds; exits 1 when they differ or one does not answer",
    )
    .action(async (key: string, options: KeyOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const { value } = await askAdmin(servers, ADMIN_MS, "EXPLAIN", [key], options.namespace);
      const explanation = readExplanation(value);
      if (options.json === true) printJson(terminal, value);
      else terminal.out(explanationText(key, explanation));
      done(explanation.equal ? EXIT.yes : EXIT.no);
    });
}

function explanationText(key: string, explanation: ExplanationRow): string {
  const { slot, partition, epoch, coordinator, views, equal } = explanation;
  const rows = views.flatMap((view) => viewRows(view, view.member === coordinator));
  const title = `${key}: slot ${slot}, partition ${partition}, epoch ${epoch}`;
  const answered = views.filter(({ code }) => code === "OK").length;
  let verdict = `All ${views.length} homes hold the same.`;
  if (!equal && answered < views.length) verdict = `${answered} of ${views.length} homes answered.`;
  else if (!equal) verdict = "The homes differ; the next write of the key brings them together.";
  return `${title}\n\n${table(["home", "answer", "version", "kind", "expires"], rows)}\n${verdict}\n${ballotsText(views)}`;
}

/** Of keys that were written conditionally. */
function ballotsText(views: readonly ViewRow[]): string {
  const rows = views.flatMap(({ name, acceptor }) => {
    if (acceptor === null || acceptor.promised === "-") return [];
    return [[name, acceptor.promised, acceptor.accepted, acceptor.unfinished ? "unfinished" : ""]];
  });
  return rows.length === 0 ? "" : `\n${table(["home", "promised", "accepted", ""], rows)}`;
}

function viewRows(view: ViewRow, coordinates: boolean): string[][] {
  const name = coordinates ? `${view.name} (coordinates)` : view.name;
  if (view.versions.length === 0) return [[name, view.code, view.code === "OK" ? "nothing" : "-"]];
  return view.versions.map(({ dot, kind, expiryMs }, index) => [
    index === 0 ? name : "",
    index === 0 ? view.code : "",
    dot,
    kind,
    expiryText(expiryMs),
  ]);
}
