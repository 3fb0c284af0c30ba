/** Commands that are containers of others, with the HELP that Redis gives each of them. */
import type { Bytes } from "@kvorum/core";
import { command, type Command } from "./command.ts";
import { CommandTable } from "./command-table.ts";
import type { ReplySlot } from "./reply-slot.ts";
import type { Session } from "./session.ts";

type ContainerParts = Pick<Command, "name" | "arity" | "group" | "summary" | "since"> & {
  readonly subcommands: readonly Command[];
  /** What the bare name does; only for a container whose arity allows it. */
  run?(session: Session, slot: ReplySlot, args: readonly Bytes[]): void;
};

export function container(parts: ContainerParts): Command {
  const { name, subcommands } = parts;
  const lines = [`${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`];
  for (const { name: full, summary } of subcommands)
    lines.push(lastWord(full).toUpperCase(), `    ${summary}.`);
  lines.push("HELP", "    Prints this help.");
  const help = command({
    name: `${name}|help`,
    arity: 2,
    flags: ["loading", "stale"],
    group: parts.group,
    since: "5.0.0",
    summary: "Print this help",
    run(_session, slot) {
      const out = slot.begin();
      out.array(lines.length);
      for (const line of lines) out.simple(line);
      slot.end();
    },
  });
  return command({
    run: (_session, slot) => slot.error("ERR syntax error"),
    ...parts,
    flags: [],
    subcommands: new CommandTable([...subcommands, help]),
  });
}

function lastWord(full: string): string {
  return full.slice(full.indexOf("|") + 1);
}
