/** `kvorum verify`: all homes of all keys compared. */
import { Option, type Command } from "commander";
import { readMembers, readNamespaces } from "../admin.ts";
import { readVerified } from "../admin-copies.ts";
import { askAdmin } from "../ask.ts";
import { ADMIN_MS } from "../each-member.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { withCommonOptions, type KeyOptions } from "../options.ts";
import { progressOf, type Progress } from "../progress.ts";
import { serversToAsk } from "../servers.ts";
import { printJson, type Terminal } from "../terminal.ts";
import { isWhole, verdictJson, verdictText, type Verdict } from "../verdict.ts";

/** Longer than a member takes for one stretch. */
const STRETCH_MS = 30_000;
const SLOTS = 16_384;
/** Keys that differ and are told by name. */
const NAMED_MAX = 20;

export function addVerify(program: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  withCommonOptions(program.command("verify"))
    .description("compare all homes of all keys; exits 1 unless every home answered and all hold the same")
    .addOption(new Option("--namespace <name>", "only keys of this one; see kvorum namespace list"))
    .action(async (options: KeyOptions) => {
      const servers = serversToAsk({ server: options.server ?? null, dir: options.dir, env: terminal.env });
      const members = readMembers((await askAdmin(servers, ADMIN_MS, "MEMBERS")).value);
      const names = new Map(members.map(({ id, name }) => [id, name]));
      const verdict = await verify(servers, await namespacesOf(servers, options.namespace), terminal);
      if (options.json === true) printJson(terminal, verdictJson(verdict, names));
      else terminal.out(verdictText(verdict, names));
      done(isWhole(verdict) ? EXIT.yes : EXIT.no);
    });
}

async function namespacesOf(servers: readonly string[], wanted: string | undefined): Promise<string[]> {
  if (wanted !== undefined) return [wanted];
  const { value } = await askAdmin(servers, ADMIN_MS, "NAMESPACES");
  return readNamespaces(value).map(({ name }) => name);
}

async function verify(
  servers: readonly string[],
  namespaces: readonly string[],
  terminal: Terminal,
): Promise<Verdict> {
  const counts = { keys: 0, compared: 0, different: 0 };
  const verdict: Verdict = { namespaces, ...counts, differences: [], unasked: new Map() };
  const progress = progressOf(terminal, SLOTS * namespaces.length);
  try {
    for (const [i, namespace] of namespaces.entries())
      await walk(servers, namespace, verdict, {
        ...progress,
        show: (slots, text) => progress.show(SLOTS * i + slots, text),
      });
  } finally {
    progress.end();
  }
  return verdict;
}

/** Through one namespace, a stretch at a time; any member goes on where another ended. */
async function walk(
  servers: readonly string[],
  namespace: string,
  verdict: Verdict,
  progress: Progress,
): Promise<void> {
  for (let words: string[] | null = []; words !== null;) {
    const { value } = await askAdmin(servers, STRETCH_MS, "VERIFY", words, namespace);
    const { keys, compared, different, differences, unasked, slots, cursor } = readVerified(value);
    verdict.keys += keys;
    verdict.compared += compared;
    verdict.different += different;
    const named = differences.slice(0, NAMED_MAX - verdict.differences.length);
    verdict.differences.push(...named.map((each) => ({ namespace, ...each })));
    for (const { member, code } of unasked) verdict.unasked.set(member, code);
    progress.show(slots, `${verdict.keys} keys, ${verdict.different} differ`);
    words = cursor === null ? null : [cursor];
  }
}
