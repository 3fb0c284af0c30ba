/**
 * The pieces of which the encoders are made. They write straight into a link's buffer: a message is encoded once,
 * where it is sent from. `beginMessage` makes room for all of it, so the pieces do not ask again.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { MESSAGE_HEADER_BYTES } from "./messages.ts";

const U16_MAX = 0xffff;
const U32_MAX = 0xffff_ffff;

export function beginMessage(writer: LinkWriter, type: number, bodyBytes: number): void {
  assert(bodyBytes < U32_MAX, "a message's length is a u32");
  writer.ensure(MESSAGE_HEADER_BYTES + bodyBytes);
  const at = writer.end;
  writer.view.setUint32(at, bodyBytes + 1);
  writer.view.setUint8(at + 4, type);
  writer.end = at + MESSAGE_HEADER_BYTES;
}

export function putU8(writer: LinkWriter, value: number): void {
  assert(value >= 0 && value <= 0xff, "a u8 is 0 .. 255");
  writer.view.setUint8(writer.end, value);
  writer.end += 1;
}

export function putU16(writer: LinkWriter, value: number): void {
  assert(value >= 0 && value <= U16_MAX, "a u16 is 0 .. 65,535");
  writer.view.setUint16(writer.end, value);
  writer.end += 2;
}

export function putI16(writer: LinkWriter, value: number): void {
  assert(value >= -0x8000 && value <= 0x7fff, "an i16 is -32,768 .. 32,767");
  writer.view.setInt16(writer.end, value);
  writer.end += 2;
}

export function putU32(writer: LinkWriter, value: number): void {
  assert(value >= 0 && value <= U32_MAX, "a u32 is 0 .. 2^32 - 1");
  writer.view.setUint32(writer.end, value);
  writer.end += 4;
}

/** A safe integer from 0. */
export function putU64(writer: LinkWriter, value: number): void {
  assert(value >= 0 && value <= Number.MAX_SAFE_INTEGER, "a u64 is a safe integer from 0");
  writer.view.setUint32(writer.end, Math.floor(value / 0x1_0000_0000));
  writer.view.setUint32(writer.end + 4, value >>> 0);
  writer.end += 8;
}

export function putBytes(writer: LinkWriter, bytes: Bytes): void {
  writer.bytes.set(bytes, writer.end);
  writer.end += bytes.length;
}

/** With its length before it, as a u16. */
export function putShort(writer: LinkWriter, bytes: Bytes): void {
  putU16(writer, bytes.length);
  putBytes(writer, bytes);
}

/** With its length before it, as a u32. */
export function putLong(writer: LinkWriter, bytes: Bytes): void {
  putU32(writer, bytes.length);
  putBytes(writer, bytes);
}

/**
 * Latin1 text with its length before it as a u16. What does not fit is cut, and what is no latin1 becomes "?": a
 * client's token is its own affair, and such a one is refused wherever it is looked at.
 */
export function putLatin1(writer: LinkWriter, text: string): void {
  const length = latin1Length(text);
  putU16(writer, length);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    putU8(writer, code <= 0xff ? code : 0x3f);
  }
}

/** How many bytes `putLatin1` writes after the length. */
export function latin1Length(text: string): number {
  return Math.min(text.length, U16_MAX);
}
