/** What a command is: how Redis's `COMMAND` describes it, and what runs it. */
import type { Bytes } from "@kvorum/core";
import type { CommandTable } from "./command-table.ts";
import type { ReplySlot } from "./reply-slot.ts";
import type { Session } from "./session.ts";

/** What a command does to keys. Of one connection's commands on one key, none overtakes an earlier one that matters to it. */
export type Effect = "none" | "read" | "write";

export interface Command {
  /** Its own in tables of counts: from 1, in the order in which commands were made. */
  readonly row: number;
  /** Lower case; a subcommand's is `container|name`. */
  readonly name: string;
  /** Arguments with the name: exactly so many, or at least so many when negative. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Where keys stand among the arguments; 0: nowhere. `lastKey` -1: to the end. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly step: number;
  readonly group: string;
  readonly since: string;
  readonly summary: string;
  readonly effect: Effect;
  /** A write that may look at other homes before it writes, and so may be overtaken by a later one. */
  readonly looksFirst: boolean;
  /** The same of a command that does so only with certain arguments. */
  readonly looksFirstIf: ((args: readonly Bytes[]) => boolean) | null;
  /** Whether its reply carries values, or a list of any length, and so may be large. */
  readonly carriesValues: boolean;
  /** Null for a plain command. */
  readonly subcommands: CommandTable | null;
  /** Sees to it that the slot gets its reply. The arguments' array is lent, the arguments are given. */
  run(session: Session, slot: ReplySlot, args: readonly Bytes[]): void;
}

type Optional =
  | "firstKey"
  | "lastKey"
  | "step"
  | "effect"
  | "looksFirst"
  | "looksFirstIf"
  | "carriesValues"
  | "subcommands"
  | "since";

let rows = 0;

/** A command with the usual things left out: no keys, no effect, no subcommands. */
export function command(parts: Omit<Command, Optional | "row"> & Partial<Pick<Command, Optional>>): Command {
  rows++;
  return {
    row: rows,
    firstKey: 0,
    lastKey: 0,
    step: 0,
    effect: "none",
    looksFirst: false,
    looksFirstIf: null,
    carriesValues: false,
    subcommands: null,
    since: "1.0.0",
    ...parts,
  };
}
