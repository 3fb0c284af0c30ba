/** COMMAND GETKEYS and GETKEYSANDFLAGS: which arguments of a command are keys, and what it does to them. */
import type { Bytes } from "@kvorum/core";
import type { Command } from "../command.ts";
import { findCommand } from "../dispatch.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";

export function getKeys(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const keys = keysAsked(session, slot, args);
  if (keys === null) return;
  const out = slot.begin();
  out.array(keys.keys.length);
  for (const key of keys.keys) out.bulk(key);
  slot.end();
}

export function getKeysAndFlags(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const keys = keysAsked(session, slot, args);
  if (keys === null) return;
  const flags = keyFlags(keys.found);
  const out = slot.begin();
  out.array(keys.keys.length);
  for (const key of keys.keys) {
    out.array(2);
    out.bulk(key);
    out.set(flags.length);
    for (const flag of flags) out.simple(flag);
  }
  slot.end();
}

/** What Redis says of each of these; of our own commands, what it says of the like. */
const KEY_FLAGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["del", ["RM", "delete"]],
  ["exists", ["RO"]],
  ["getex", ["RW", "access", "update"]],
  ["kv.del", ["RM", "delete"]],
  ["kv.put", ["OW", "update"]],
  ["mset", ["OW", "update"]],
  ["psetex", ["OW", "update"]],
  ["set", ["OW", "update"]],
  ["setex", ["OW", "update"]],
  ["strlen", ["RO"]],
  ["touch", ["RO"]],
  ["type", ["RO"]],
  ["unlink", ["RM", "delete"]],
]);

function keyFlags({ name, effect }: Command): readonly string[] {
  return KEY_FLAGS.get(name) ?? (effect === "write" ? ["RW", "update"] : ["RO", "access"]);
}

interface AskedKeys {
  readonly found: Command;
  readonly keys: readonly Bytes[];
}

/** Null: the reply says what is wrong. The words are Redis's. */
function keysAsked(session: Session, slot: ReplySlot, args: readonly Bytes[]): AskedKeys | null {
  const words = args.slice(2);
  const found = findCommand(session.face.commands, words);
  const wrong = found === null ? "ERR Invalid command specified" : wrongRequest(found, words.length);
  if (found === null || wrong !== "") {
    slot.error(wrong);
    return null;
  }
  const keys: Bytes[] = [];
  const last = found.lastKey < 0 ? words.length + found.lastKey : found.lastKey;
  for (let i = found.firstKey; i <= last; i += found.step) {
    const key = words[i];
    if (key !== undefined) keys.push(key);
  }
  return { found, keys };
}

function wrongRequest({ firstKey, arity }: Command, count: number): string {
  if (firstKey === 0) return "ERR The command has no key arguments";
  const fits = arity >= 0 ? count === arity : count >= -arity;
  return fits ? "" : "ERR Invalid number of arguments specified for command";
}
