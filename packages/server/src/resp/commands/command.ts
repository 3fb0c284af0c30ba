/** COMMAND: what commands there are, in the form of Redis 7. */
import type { Bytes } from "@kvorum/core";
import { argument, latin1 } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { isWord, type CommandTable } from "../command-table.ts";
import { findCommand } from "../dispatch.ts";
import { globMatches } from "../glob.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { ReplyWriter } from "../reply-writer.ts";
import type { Session } from "../session.ts";
import { container } from "../subcommands.ts";
import { getKeys, getKeysAndFlags } from "./command-keys.ts";

const flags: readonly string[] = ["loading", "stale"];
const group = "server";

export const COMMAND_COMMAND: Command = container({
  name: "command",
  arity: -1,
  group,
  since: "2.8.13",
  summary: "What commands there are",
  subcommands: [
    command({
      name: "command|count",
      arity: 2,
      flags,
      group,
      since: "2.8.13",
      summary: "Return the number of commands",
      run: (session, slot) => slot.integer(session.face.commands.commands.length),
    }),
    command({
      name: "command|docs",
      arity: -2,
      flags,
      group,
      since: "7.0.0",
      summary: "Return what commands are for, of all or of those named",
      run: docs,
    }),
    command({
      name: "command|getkeys",
      arity: -3,
      flags,
      group,
      since: "2.8.13",
      summary: "Return which arguments of a whole command are keys",
      run: getKeys,
    }),
    command({
      name: "command|getkeysandflags",
      arity: -3,
      flags,
      group,
      since: "7.0.0",
      summary: "Return which arguments of a whole command are keys, and what it does to them",
      run: getKeysAndFlags,
    }),
    command({
      name: "command|info",
      arity: -2,
      flags,
      group,
      since: "2.8.13",
      summary: "Return details of commands, of all or of those named",
      run: info,
    }),
    command({
      name: "command|list",
      arity: -2,
      flags,
      group,
      since: "7.0.0",
      summary: "Return the names of commands",
      run: list,
    }),
  ],
  run(session, slot) {
    const { commands } = session.face.commands;
    const out = slot.begin();
    out.array(commands.length);
    for (const each of commands) writeInfo(out, each);
    slot.end();
  },
});

/** The names as `get` or `client|id`, as Redis takes them. */
function named(table: CommandTable, names: readonly Bytes[]): (Command | null)[] {
  return names.map((name) => {
    const bar = name.indexOf(0x7c);
    if (bar < 0) return table.find(name);
    const found = findCommand(table, [name.subarray(0, bar), name.subarray(bar + 1)]);
    return found !== null && found.subcommands === null ? found : null;
  });
}

function info(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const table = session.face.commands;
  const found = args.length === 2 ? table.commands : named(table, args.slice(2));
  const out = slot.begin();
  out.array(found.length);
  for (const each of found) {
    if (each === null) out.null();
    else writeInfo(out, each);
  }
  slot.end();
}

function writeInfo(out: ReplyWriter, each: Command): void {
  out.array(10);
  out.text(each.name);
  out.integer(each.arity);
  writeWords(out, each.flags);
  out.integer(each.firstKey);
  out.integer(each.lastKey);
  out.integer(each.step);
  writeWords(
    out,
    categories(each).map((category) => `@${category}`),
  );
  out.array(0); // tips
  out.array(0); // key specifications
  const subcommands = each.subcommands?.commands ?? [];
  out.array(subcommands.length);
  for (const subcommand of subcommands) writeInfo(out, subcommand);
}

function categories(each: Command): string[] {
  const speed = each.flags.includes("fast") ? "fast" : "slow";
  const kind = each.effect === "none" ? [] : [each.effect];
  return [...kind, each.group === "generic" ? "keyspace" : each.group, speed];
}

function writeWords(out: ReplyWriter, words: readonly string[]): void {
  out.set(words.length);
  for (const word of words) out.simple(word);
}

function docs(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const table = session.face.commands;
  const found =
    args.length === 2 ? table.commands : named(table, args.slice(2)).filter((each) => each !== null);
  const out = slot.begin();
  writeDocs(out, found);
  slot.end();
}

function writeDocs(out: ReplyWriter, commands: readonly Command[]): void {
  out.map(commands.length);
  for (const each of commands) {
    out.text(each.name);
    out.map(each.subcommands === null ? 3 : 4);
    out.text("summary");
    out.text(each.summary);
    out.text("since");
    out.text(each.since);
    out.text("group");
    out.text(each.group);
    if (each.subcommands === null) continue;
    out.text("subcommands");
    writeDocs(out, each.subcommands.commands);
  }
}

function list(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const all = session.face.commands.commands.flatMap((each) => [each, ...(each.subcommands?.commands ?? [])]);
  const kept = args.length === 2 ? all : filtered(all, args);
  if (kept === null) {
    slot.error("ERR syntax error");
    return;
  }
  const out = slot.begin();
  out.array(kept.length);
  for (const { name } of kept) out.text(name);
  slot.end();
}

/** Null: the filter is not understood. */
function filtered(all: readonly Command[], args: readonly Bytes[]): readonly Command[] | null {
  if (args.length !== 5 || !isWord(argument(args, 2), "filterby")) return null;
  const kind = argument(args, 3);
  const wanted = latin1(argument(args, 4));
  if (isWord(kind, "pattern")) return all.filter(({ name }) => globMatches(wanted, name));
  if (isWord(kind, "aclcat")) return all.filter((each) => categories(each).includes(wanted.toLowerCase()));
  return isWord(kind, "module") ? [] : null;
}
