/**
 * Counts what commands end in and how long they take, from the turn in which they were read to the end of the turn
 * that sends their replies: two clock readings a turn, however many commands it has, and numbers in arrays that exist
 * from the start. Nothing here is formatted until somebody asks. A command that takes long is told to the operator by
 * its name, never by its key or value: those are the users'.
 */
import { OUTCOMES, type Events, type OutcomeCode } from "@kvorum/core";
import { FixedHistogram, type BucketCounts } from "../observability/fixed-histogram.ts";
import { Rarely } from "../observability/rarely.ts";
import { TurnClock } from "../observability/turn-clock.ts";
import type { Command } from "./command.ts";
import type { CommandTable } from "./command-table.ts";

/** For what is not a command. */
export const NO_COMMAND_ROW = 0;

const CODES = Object.keys(OUTCOMES) as OutcomeCode[];
const COLUMNS = 1 + Math.max(...CODES.map((code) => OUTCOMES[code].wire));
const COLUMN_OF_WORD: ReadonlyMap<string, number> = new Map(
  CODES.map((code) => [OUTCOMES[code].resp, OUTCOMES[code].wire]),
);

/** What an error reply counts as; words of Redis that no outcome of ours has count as `ERR`. */
export function columnOfError(text: string): number {
  const space = text.indexOf(" ");
  return COLUMN_OF_WORD.get(space < 0 ? text : text.slice(0, space)) ?? OUTCOMES.INVALID.wire;
}

/** So many may end in a turn before they are counted within it. */
const ENDED_MAX = 4_096;

export interface CommandCounts {
  /** As in the table; `unknown` for what is none. */
  readonly command: string;
  /** Such as `OK`, `QUORUM`, `ERR`; only those that have occurred. */
  readonly outcomes: readonly { readonly outcome: string; readonly count: number }[];
  /** How many of these did not run: wrong arguments, beyond a limit. */
  readonly rejected: number;
  readonly latency: BucketCounts;
}

export class CommandMeter {
  readonly clock: TurnClock;
  readonly #slowMs: number;
  readonly #events: Events;
  readonly #names: readonly string[];
  readonly #counts: Float64Array;
  readonly #rejected: Float64Array;
  readonly #latencies: FixedHistogram;
  readonly #rarely = new Rarely();
  /** What has ended in this turn: `row * COLUMNS + column`, and when it began. */
  readonly #endedAt = new Int32Array(ENDED_MAX);
  readonly #startedMs = new Float64Array(ENDED_MAX);
  #ended = 0;
  #slow = 0;

  /** `slowMs`: from how long on a command is slow; 0: none is. */
  constructor(table: CommandTable, events: Events, slowMs: number, clock = new TurnClock()) {
    this.clock = clock;
    this.#events = events;
    this.#slowMs = slowMs > 0 ? slowMs : Infinity;
    const names = ["unknown"];
    for (const command of allCommands(table)) names[command.row] = command.name;
    this.#names = names;
    this.#counts = new Float64Array(names.length * COLUMNS);
    this.#rejected = new Float64Array(names.length);
    this.#latencies = new FixedHistogram(names.length);
  }

  /** Commands that took `slowMs` or longer. */
  get slow(): number {
    return this.#slow;
  }

  /** A command has been answered; how long it took is known at the end of the turn. */
  ended(row: number, column: number, startedMs: number): void {
    if (this.#ended === ENDED_MAX) this.#count();
    this.#endedAt[this.#ended] = row * COLUMNS + column;
    this.#startedMs[this.#ended] = startedMs;
    this.#ended++;
  }

  /** A command is not run; the error that it is answered counts as what it ended in. */
  rejected(row: number): void {
    this.#rejected[row] = (this.#rejected[row] ?? 0) + 1;
  }

  /** The replies of this turn are about to be sent. */
  onTurnEnd(): void {
    if (this.#ended > 0) this.#count();
    this.clock.forget();
  }

  /** Of every command that has been answered, in order of name; those of this turn too. */
  read(): CommandCounts[] {
    if (this.#ended > 0) this.#count();
    const found: CommandCounts[] = [];
    for (const [row, command] of this.#names.entries()) {
      const latency = this.#latencies.read(row);
      if (latency.count === 0) continue;
      const outcomes = CODES.map((code) => ({ outcome: OUTCOMES[code].resp, at: OUTCOMES[code].wire }))
        .map(({ outcome, at }) => ({ outcome, count: this.#counts[row * COLUMNS + at] ?? 0 }))
        .filter(({ count }) => count > 0);
      found.push({ command, outcomes, rejected: this.#rejected[row] ?? 0, latency });
    }
    return found.toSorted((a, b) => (a.command < b.command ? -1 : 1));
  }

  #count(): void {
    this.clock.refresh();
    const nowMs = this.clock.nowMs();
    for (let index = 0; index < this.#ended; index++) {
      const at = this.#endedAt[index] ?? 0;
      const tookMs = nowMs - (this.#startedMs[index] ?? nowMs);
      const row = Math.floor(at / COLUMNS);
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
      this.#latencies.add(row, tookMs);
      if (tookMs >= this.#slowMs) this.#tellSlow(row, at % COLUMNS, tookMs, nowMs);
    }
    this.#ended = 0;
  }

  #tellSlow(row: number, column: number, tookMs: number, nowMs: number): void {
    this.#slow++;
    const others = this.#rarely.admit(nowMs);
    if (others === null) return;
    const command = this.#names[row] ?? "unknown";
    const outcome = CODES.find((code) => OUTCOMES[code].wire === column) ?? "INVALID";
    const took = Math.round(tookMs);
    this.#events.event("warn", "slow-request", `${command} took ${took} ms and ended in ${outcome}`, {
      command,
      tookMs: took,
      outcome,
      others,
    });
  }
}

function allCommands(table: CommandTable): Command[] {
  return table.commands.flatMap((command) =>
    command.subcommands === null ? [command] : [command, ...allCommands(command.subcommands)],
  );
}
