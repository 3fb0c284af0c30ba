/** `kvorum conflicts [KEY]`: what was dropped that nobody had read. */
import { Option, type Command } from "commander";
import { ask } from "../ask.ts";
import { wholeNumber, withCommonOptions, type CommonOptions } from "../options.ts";
import { jsonKey, jsonValue, shownBytes } from "../printable.ts";
import { ReplyMap } from "../reply-map.ts";
import { ADMIN_MS } from "../each-member.ts";
import { serversToAsk } from "../servers.ts";
import { table } from "../table.ts";
import { printJson, type Terminal } from "../terminal.ts";

interface ConflictsOptions extends CommonOptions {
  readonly namespace?: string;
  readonly count: number;
  readonly cursor?: string;
}

const SHOWN_CHARS_MAX = 40;

export function addConflicts(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command("conflicts [key]"))
    .description("what was dropped that nobody had read: losers of concurrent writes, overwritten siblings")
    .addOption(
      new Option("--namespace <name>", "of this namespace; else of all, and a key is one of default"),
    )
    .addOption(new Option("--count <n>", "how many").argParser(wholeNumber(1, 100)).default(20))
    .addOption(new Option("--cursor <cursor>", "go on where an earlier answer ended"))
    .action(async (key: string | undefined, options: ConflictsOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const words = [
        ...(options.namespace === undefined ? [] : ["NAMESPACE", options.namespace]),
        ...(key === undefined ? [] : ["KEY", key]),
        "COUNT",
        String(options.count),
        ...(options.cursor === undefined ? [] : ["CURSOR", options.cursor]),
      ];
      const question = { name: "KV.CONFLICTS", words, timeoutMs: ADMIN_MS, repeatable: true };
      const page = pageOf(new ReplyMap((await ask(servers, question)).reply, "the answer"));
      if (options.json === true) printJson(terminal, jsonOf(page));
      else terminal.out(textOf(page));
    });
}

type Page = ReturnType<typeof pageOf>;

function pageOf(reply: ReplyMap) {
  const conflicts = reply.maps("conflicts").map((entry) => ({
    atMs: entry.number("at_ms"),
    member: entry.number("member"),
    namespace: entry.text("namespace"),
    key: entry.bytes("key"),
    kind: entry.text("kind"),
    dot: entry.text("dot"),
    version: entry.text("version"),
    expiryMs: entry.number("expires_ms"),
    bytes: entry.number("bytes"),
    value: entry.isNull("value") ? null : entry.bytes("value"),
    digest: entry.isNull("digest") ? null : entry.text("digest"),
    winner: entry.text("winner"),
  }));
  return { conflicts, unasked: reply.numbers("unasked"), cursor: reply.text("cursor") };
}

function jsonOf({ conflicts, unasked, cursor }: Page): unknown {
  const plain = conflicts.map(({ key, value, digest, ...rest }) => ({
    ...rest,
    ...jsonKey(key),
    ...(value === null ? { digest } : jsonValue(value)),
  }));
  return { conflicts: plain, unasked, cursor };
}

function textOf({ conflicts, unasked, cursor }: Page): string {
  const rows = conflicts.map((entry) => [
    new Date(entry.atMs).toISOString(),
    entry.namespace,
    shownBytes(entry.key, SHOWN_CHARS_MAX),
    entry.kind,
    droppedText(entry),
    entry.dot,
    entry.winner,
    String(entry.member),
  ]);
  const head = ["when", "namespace", "key", "kind", "dropped", "its version", "what stayed", "noted by"];
  // A page is one of all namespaces, of which those asked for are shown.
  const none = cursor === "" ? "no conflicts are noted\n" : "no conflicts are noted on this page\n";
  const lines = [conflicts.length === 0 ? none : table(head, rows)];
  if (unasked.length > 0) lines.push(`Members that could not be asked: ${unasked.join(", ")}.\n`);
  if (cursor !== "") lines.push(`There is more: --cursor ${cursor}\n`);
  return lines.join("\n");
}

function droppedText({ version, value, bytes, digest }: Page["conflicts"][number]): string {
  if (version === "tombstone") return "(a delete)";
  return value === null ? `(${bytes} bytes, digest ${digest ?? ""})` : shownBytes(value, SHOWN_CHARS_MAX);
}
