/** Reading a command's arguments. */
import { assert, type Bytes } from "@kvorum/core";
import { decimalOf } from "./decimal.ts";

/** An argument that the command's arity says is there. */
export function argument(args: readonly Bytes[], index: number): Bytes {
  const found = args[index];
  assert(found !== undefined, "the arity was checked");
  return found;
}

/** Bytes as the characters of the same numbers, for echoing and for looking up: nothing is lost or replaced. */
export function latin1(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** As UTF-8, for text that is shown or stored as such. */
export function utf8(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

/** A whole number in `min .. max`, or NaN. */
export function wholeNumber(bytes: Bytes, min: number, max: number): number {
  const value = decimalOf(bytes);
  return value >= min && value <= max ? value : Number.NaN;
}

/** Printable ASCII without spaces, as Redis asks of names. */
export function isNameText(bytes: Bytes): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}
