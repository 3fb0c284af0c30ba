/**
 * The bounds of the RESP face. What a member itself bounds (keys, values, TTLs) stands in core's limits; these are
 * about connections. Units are last in each name.
 */
import { assert, type Limits } from "@kvorum/core";

export interface RespLimits {
  readonly connectionsMax: number;
  /** Commands of one connection that wait for their replies; at the bound its socket is not read. */
  readonly inFlightMax: number;
  /** Keys of one command that are asked for at a time. */
  readonly fanOutMax: number;

  /** Keys in one reply of KEYS and the like, and their bytes; SCAN has no end. */
  readonly keyListMax: number;
  readonly keyListBytesMax: number;

  /** Arguments of one command, as in Redis; a larger claim ends the connection. */
  readonly argumentsMax: number;
  /** All arguments of one command together, with what keeping them costs; a larger command is skipped and refused. */
  readonly commandBytesMax: number;
  /** A single argument; a larger one is skipped and refused. */
  readonly argumentBytesMax: number;
  /** A claim above this ends the connection. */
  readonly bulkBytesMax: number;
  /** A line that is not RESP. */
  readonly inlineBytesMax: number;

  /** Unsent replies of one connection above which it is not read. */
  readonly outputPauseBytes: number;
  /** Unsent replies of one connection above which it is closed. */
  readonly outputBytesMax: number;

  /** How long, and for how many bytes, a connection that was told to go is still listened to. */
  readonly lingerMs: number;
  readonly lingerBytesMax: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The bounds that fit a member's own limits; `changes` replaces single ones. */
export function respLimits(limits: Limits, changes: Partial<RespLimits> = {}): RespLimits {
  const all: RespLimits = {
    connectionsMax: 10_000,
    inFlightMax: 1_024,
    fanOutMax: 256,
    keyListMax: 100_000,
    keyListBytesMax: 8 * MIB,
    argumentsMax: 1_048_576,
    commandBytesMax: Math.max(8 * MIB, limits.valueBytesMax + MIB),
    argumentBytesMax: limits.valueBytesMax,
    bulkBytesMax: 512 * MIB,
    inlineBytesMax: 64 * KIB,
    outputPauseBytes: MIB,
    outputBytesMax: Math.max(32 * MIB, 4 * limits.valueBytesMax),
    lingerMs: 1_000,
    lingerBytesMax: MIB,
    ...changes,
  };
  assert(all.inFlightMax >= 1 && all.fanOutMax >= 1, "something may be in flight");
  assert(all.argumentBytesMax >= limits.valueBytesMax, "the largest value can be sent");
  assert(all.commandBytesMax >= all.argumentBytesMax + 64 * KIB, "the largest value fits in a command");
  assert(all.bulkBytesMax >= all.argumentBytesMax, "what is accepted is within what is skipped");
  assert(all.outputBytesMax >= 2 * limits.valueBytesMax, "the largest value can be answered");
  assert(all.outputPauseBytes < all.outputBytesMax, "reading stops before the connection is closed");
  return all;
}
