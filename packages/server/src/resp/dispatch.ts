/** From a request's arguments to its command, or to the words that refuse it: Redis's where it has them. */
import type { Bytes } from "@kvorum/core";
import { latin1 } from "./arguments.ts";
import type { Budget } from "./budget.ts";
import type { Command } from "./command.ts";
import { NO_COMMAND_ROW } from "./command-meter.ts";
import type { CommandTable } from "./command-table.ts";
import type { RespLimits } from "./limits.ts";
import type { RequestParser } from "./parser.ts";
import { LIST } from "./read-window.ts";
import type { Face } from "./session.ts";

/** How much of a wrong command is said back. */
const ECHO_CHARS_MAX = 128;

/** The command or subcommand; a container stands for itself when its subcommand is not known. */
export function findCommand(table: CommandTable, args: readonly Bytes[]): Command | null {
  const [name, second] = args;
  const found = name === undefined ? null : table.find(name);
  if (found === null || found.subcommands === null || second === undefined) return found;
  return found.subcommands.find(second) ?? found;
}

/** Why the request cannot run, with its code word, and counts it as rejected; empty when it can. */
export function refusal(face: Face, found: Command | null, request: RequestParser): string {
  const text = refusalText(face, found, request);
  if (text !== "") face.meter.rejected(found?.row ?? NO_COMMAND_ROW);
  return text;
}

function refusalText(face: Face, found: Command | null, request: RequestParser): string {
  const { args } = request;
  if (found === null && args.length > 0) return unknownCommand(args);
  if (request.oversize !== "none") return oversized(face, found, request);
  if (found === null) return "ERR unknown command";
  if (found.subcommands !== null && args.length > 1) {
    const container = found.name.toUpperCase();
    return `ERR unknown subcommand '${echo(args[1], ECHO_CHARS_MAX)}'. Try ${container} HELP.`;
  }
  const { arity } = found;
  if (arity >= 0 ? args.length !== arity : args.length < -arity) return wrongArity(found.name);
  const { keysMax, wordsMax } = face.limits;
  if (found.firstKey === 0) {
    if (args.length <= wordsMax) return "";
    return `TOOLARGE '${found.name}' was given ${args.length} arguments, the limit is ${wordsMax} (wordsMax)`;
  }
  const keys = keysOf(found, args.length);
  if (keys > keysMax) {
    return `TOOLARGE '${found.name}' was given ${keys} keys, the limit is ${keysMax} (keysMax); ask for fewer at a time`;
  }
  return longKey(face, found, args);
}

/** How many keys a command names that has so many arguments. */
export function keysOf({ firstKey, lastKey, step }: Command, count: number): number {
  if (firstKey === 0) return 0;
  return lastKey >= 0 ? 1 : Math.floor((count - 1 - firstKey) / step) + 1;
}

/** How many values its reply may carry that names so many keys; one that names none lists what there is. */
export function valuesOf({ carriesValues }: Command, keys: number): number {
  if (!carriesValues) return 0;
  return keys === 0 ? LIST : keys;
}

export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

function unknownCommand(args: readonly Bytes[]): string {
  let rest = "";
  for (let i = 1; i < args.length && rest.length < ECHO_CHARS_MAX; i++) {
    rest += `'${echo(args[i], ECHO_CHARS_MAX - rest.length)}' `;
  }
  return `ERR unknown command '${echo(args[0], ECHO_CHARS_MAX)}', with args beginning with: ${rest}`;
}

function oversized(face: Face, found: Command | null, request: RequestParser): string {
  const { oversizeAt, oversizeBytes } = request;
  if (request.oversize === "command") {
    return `TOOLARGE command takes more than ${face.limits.commandBytesMax} bytes in all, the limit (commandBytesMax)`;
  }
  if (found !== null && isKeyAt(found, oversizeAt)) return keyTooLarge(face, oversizeBytes);
  const what = found?.effect === "write" ? "value" : "argument";
  return `TOOLARGE ${what} is ${oversizeBytes} bytes, the limit is ${face.limits.argumentBytesMax} (valueBytesMax)`;
}

function longKey(face: Face, { firstKey, lastKey, step }: Command, args: readonly Bytes[]): string {
  const last = lastKey < 0 ? args.length + lastKey : lastKey;
  for (let i = firstKey; i <= last; i += step) {
    const length = args[i]?.length ?? 0;
    if (length > face.member.limits.keyBytesMax) return keyTooLarge(face, length);
  }
  return "";
}

function keyTooLarge(face: Face, length: number): string {
  return `TOOLARGE key is ${length} bytes, the limit is ${face.member.limits.keyBytesMax} (keyBytesMax)`;
}

function isKeyAt({ firstKey, lastKey, step }: Command, index: number): boolean {
  if (firstKey === 0 || index < firstKey) return false;
  return (lastKey < 0 || index <= lastKey) && (index - firstKey) % step === 0;
}

/** It reads before it writes, or goes by the lane of large writes: it may end after what comes later. */
export function isSlow(found: Command, args: readonly Bytes[], bulkyBytes: number): boolean {
  if (found.looksFirst || (found.looksFirstIf !== null && found.looksFirstIf(args))) return true;
  if (found.effect !== "write") return false;
  for (const arg of args) if (arg.length >= bulkyBytes) return true;
  return false;
}

/** Why a command is refused when those of all clients hold too much already. */
export function overload({ bytes, bytesMax }: Budget): string {
  const limit = `the limit is ${bytesMax} (inFlightTotalBytesMax)`;
  return `OVERLOADED commands in flight hold ${bytes} bytes, ${limit}; nothing was done; retry after 50 ms`;
}

/** Why a client is closed that has so many bytes of replies unsent. */
export function unread(bytes: number, { outputBytesMax }: RespLimits): string {
  return `client does not read its replies: ${bytes} bytes are unsent, the limit is ${outputBytesMax} (outputBytesMax)`;
}

/** The beginning of an argument; like Redis, up to a NUL. */
function echo(bytes: Bytes | undefined, charsMax: number): string {
  if (bytes === undefined) return "";
  const start = bytes.subarray(0, charsMax);
  const nul = start.indexOf(0);
  return latin1(nul < 0 ? start : start.subarray(0, nul));
}
