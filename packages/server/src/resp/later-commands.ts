/** Commands of Redis that decide by the value that is there. They need agreement among homes, which is not there yet. */
import type { Bytes } from "@kvorum/core";
import { latin1 } from "./arguments.ts";

const LATER = new Set([
  "append",
  "decr",
  "decrby",
  "getdel",
  "getset",
  "incr",
  "incrby",
  "incrbyfloat",
  "msetnx",
  "setnx",
  "setrange",
]);

const NAME_BYTES_MAX = 16;

/** The words for a command that comes later; empty for any other name. */
export function laterText(name: Bytes | undefined): string {
  if (name === undefined || name.length > NAME_BYTES_MAX) return "";
  const text = latin1(name).toLowerCase();
  if (!LATER.has(text)) return "";
  return `ERR ${text.toUpperCase()} is not supported yet: conditional writes come in a later release`;
}
