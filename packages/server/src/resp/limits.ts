/**
 * The bounds of the RESP face. What a member itself bounds (keys, values, TTLs) stands in core's limits; these are
 * about connections. Units are last in each name; `Total` is of all connections together. Whatever is refused or
 * closed for one of them says its name.
 */
import { assert, type Limits } from "@kvorum/core";

export interface RespLimits {
  readonly connectionsMax: number;
  /** Connections beyond `connectionsMax` that are being told so at a time; more are closed without a word. */
  readonly turnedAwayMax: number;
  /** Commands of one connection that wait for their replies; at the bound its socket is not read. */
  readonly inFlightMax: number;
  /** Arguments of those commands together; at the bound its socket is not read. */
  readonly inFlightBytesMax: number;
  /** The same of all connections; a command beyond it is refused as OVERLOADED before anything is done. */
  readonly inFlightTotalBytesMax: number;
  /** Requests of all connections under way in the member; from then on each connection has its part of it only. */
  readonly crowdMax: number;
  /** That part is never less than this. */
  readonly crowdShareMin: number;
  /** Requests of all greedy connections under way while modest ones are about; each has one at least. */
  readonly crowdGreedyMax: number;
  /** Keys of one command that are asked for at a time. */
  readonly fanOutMax: number;

  /** Pages of walks through keys, lists of keys and counts of all keys that are under way at a time; others wait. */
  readonly walkPagesMax: number;
  readonly walkListsMax: number;
  readonly walkCountsMax: number;
  /** Keys in one reply of KEYS and the like, and their bytes; SCAN has no end. */
  readonly keyListMax: number;
  readonly keyListBytesMax: number;
  /** Pipelines are served for so long in a turn; from then on modest connections get a share, the others wait. */
  readonly turnMsMax: number;
  /** The same while modest connections are about. */
  readonly turnModestMsMax: number;
  /** That share, in commands and in ms: whichever is reached first. One command always runs. */
  readonly turnShareMax: number;
  readonly turnShareMsMax: number;

  /** Arguments of one command, as in Redis; a larger claim ends the connection. */
  readonly argumentsMax: number;
  /** Keys of one command. */
  readonly keysMax: number;
  /** Arguments of a command that names no keys: such ones answer a lot for each, or compare each with a lot. */
  readonly wordsMax: number;
  /** All arguments of one command together, with what keeping them costs; a larger command is skipped and refused. */
  readonly commandBytesMax: number;
  /** A single argument; a larger one is skipped and refused. */
  readonly argumentBytesMax: number;
  /** A claim above this ends the connection. */
  readonly bulkBytesMax: number;
  /** A line that is not RESP. */
  readonly inlineBytesMax: number;
  readonly inlineWordsMax: number;
  /** What is held of requests that have not come in whole; beyond it the connection that holds most is closed. */
  readonly unfinishedTotalBytesMax: number;

  /** Unsent replies of one connection above which it is not read. */
  readonly outputPauseBytes: number;
  /** Unsent replies of one connection above which it is closed. */
  readonly outputBytesMax: number;
  /** Unsent replies of all: above half of it connections are not read much earlier, above it the slowest is closed. */
  readonly outputTotalBytesMax: number;

  /** A request must have come in whole so long after its first byte; time in which it is not read does not count. */
  readonly requestMsMax: number;
  /** A connection that asks nothing for so long is closed; 0: never. */
  readonly idleMsMax: number;
  /** A client that takes nothing of its replies for so long is closed. */
  readonly stuckMsMax: number;
  /** How long, and for how many bytes, a connection that was told to go is still listened to. */
  readonly lingerMs: number;
  readonly lingerBytesMax: number;
}

/** Those that a configuration may move. */
export type ClientLimits = Pick<
  RespLimits,
  | "connectionsMax"
  | "inFlightTotalBytesMax"
  | "unfinishedTotalBytesMax"
  | "outputBytesMax"
  | "outputTotalBytesMax"
  | "requestMsMax"
  | "idleMsMax"
  | "stuckMsMax"
>;

const KIB = 1024;
const MIB = 1024 * KIB;

/** The same whatever a member's own limits are; `outputBytesMax` grows with its largest value. */
export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  connectionsMax: 10_000,
  inFlightTotalBytesMax: 256 * MIB,
  unfinishedTotalBytesMax: 128 * MIB,
  outputBytesMax: 32 * MIB,
  outputTotalBytesMax: 256 * MIB,
  requestMsMax: 30_000,
  idleMsMax: 0,
  stuckMsMax: 60_000,
};

/** Above half of `outputTotalBytesMax` a connection may not have more than this unsent before it is not read. */
export const STRAITENED_PAUSE_BYTES = 64 * KIB;

/** Who may not begin more, and has sent more than this that waits for it, is greedy; a few commands are not. */
export const BACKLOG_BYTES = 4 * KIB;

/** The bounds that fit a member's own limits; `changes` replaces single ones. */
export function respLimits(limits: Limits, changes: Partial<RespLimits> = {}): RespLimits {
  const commandBytesMax = Math.max(8 * MIB, limits.valueBytesMax + MIB);
  const all: RespLimits = {
    ...DEFAULT_CLIENT_LIMITS,
    turnedAwayMax: 128,
    inFlightMax: 1_024,
    inFlightBytesMax: 2 * commandBytesMax,
    crowdMax: 1_024,
    crowdShareMin: 4,
    crowdGreedyMax: 64,
    fanOutMax: 256,
    walkPagesMax: 4,
    walkListsMax: 4,
    walkCountsMax: 2,
    keyListMax: 100_000,
    keyListBytesMax: 8 * MIB,
    turnMsMax: 4,
    turnModestMsMax: 1,
    turnShareMax: 32,
    turnShareMsMax: 0.5,
    argumentsMax: 1_048_576,
    keysMax: 4_096,
    wordsMax: 1_024,
    commandBytesMax,
    argumentBytesMax: limits.valueBytesMax,
    bulkBytesMax: 512 * MIB,
    inlineBytesMax: 64 * KIB,
    inlineWordsMax: 1_024,
    outputPauseBytes: MIB,
    lingerMs: 1_000,
    lingerBytesMax: MIB,
    ...changes,
  };
  const [problem] = limitProblems(limits, all);
  assert(problem === undefined, problem?.text ?? "the bounds of clients fit together");
  return all;
}

/** A bound that does not go with another. */
export interface LimitProblem {
  readonly limit: keyof RespLimits;
  readonly text: string;
}

/** Relations between bounds that the face relies on and that do not hold. */
export function limitProblems(limits: Limits, all: RespLimits): LimitProblem[] {
  const { commandBytesMax, argumentBytesMax, outputBytesMax } = all;
  const { valueBytesMax } = limits;
  const relations: readonly (readonly [limit: keyof RespLimits, least: number, why: string])[] = [
    ["inFlightMax", 1, "something may be in flight"],
    ["fanOutMax", 1, "a command asks for one key at least"],
    ["walkPagesMax", 1, "walks get on"],
    ["walkListsMax", 1, "lists get on"],
    ["walkCountsMax", 1, "counts get on"],
    ["crowdShareMin", 1, "every connection gets on"],
    ["turnShareMax", 1, "every connection gets on"],
    ["argumentBytesMax", valueBytesMax, "the largest value can be sent"],
    ["commandBytesMax", argumentBytesMax + 64 * KIB, "the largest value fits in a command"],
    ["bulkBytesMax", argumentBytesMax, "what is accepted is within what is skipped"],
    ["inFlightTotalBytesMax", commandBytesMax, "the largest command can run"],
    ["unfinishedTotalBytesMax", commandBytesMax, "the largest command can come in"],
    ["outputBytesMax", 4 * valueBytesMax, "the largest values can be answered"],
    ["outputBytesMax", all.outputPauseBytes + 1, "reading stops before the connection is closed"],
    ["outputTotalBytesMax", outputBytesMax, "one connection alone may have as much"],
  ];
  return relations
    .filter(([limit, least]) => all[limit] < least)
    .map(([limit, least, why]) => ({
      limit,
      text: `${limit} is ${all[limit]} and must be at least ${least}, so that ${why}`,
    }));
}
