/**
 * Text and bytes. Core has no TextEncoder: it is the host's, not the language's. The results are the same, byte
 * for byte (WHATWG Encoding Standard, without its byte order mark).
 */
import type { Bytes } from "./bytes.ts";

const REPLACEMENT = 0xfffd;
/** How many characters `String.fromCharCode` is handed at a time. */
const CHUNK = 4096;

/** A surrogate without its partner becomes U+FFFD. */
export function utf8Encode(text: string): Bytes {
  const out = new Uint8Array(text.length * 3);
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code < 0x80) {
      out[end++] = code;
      continue;
    }
    if (code < 0x800) {
      out[end++] = 0xc0 | (code >> 6);
      out[end++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
      if (code < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
        at++;
        const point = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        out[end++] = 0xf0 | (point >> 18);
        out[end++] = 0x80 | ((point >> 12) & 0x3f);
        out[end++] = 0x80 | ((point >> 6) & 0x3f);
        out[end++] = 0x80 | (point & 0x3f);
        continue;
      }
      code = REPLACEMENT;
    }
    out[end++] = 0xe0 | (code >> 12);
    out[end++] = 0x80 | ((code >> 6) & 0x3f);
    out[end++] = 0x80 | (code & 0x3f);
  }
  return out.slice(0, end);
}

/** What is not valid becomes U+FFFD, one for each longest beginning of a valid sequence. */
export function utf8Decode(bytes: Bytes): string {
  let text = "";
  let units: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at++] ?? 0;
    if (first < 0x80) units.push(first);
    else {
      const length = sequenceLength(first);
      let point = length === 0 ? REPLACEMENT : first & (0x7f >> length);
      for (let i = 1; i < length; i++) {
        const next = bytes[at] ?? 0;
        if (!continues(first, i, next)) {
          point = REPLACEMENT;
          break;
        }
        point = (point << 6) | (next & 0x3f);
        at++;
      }
      if (point < 0x10000) units.push(point);
      else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff));
    }
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** How many bytes a sequence has that begins with this one; 0: none does. */
function sequenceLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Whether `byte` may be the one at `index`: nothing overlong, no surrogate, nothing above U+10FFFF. */
function continues(first: number, index: number, byte: number): boolean {
  let low = 0x80;
  let high = 0xbf;
  if (index === 1) {
    if (first === 0xe0) low = 0xa0;
    else if (first === 0xed) high = 0x9f;
    else if (first === 0xf0) low = 0x90;
    else if (first === 0xf4) high = 0x8f;
  }
  return byte >= low && byte <= high;
}

/** One byte for each character; those above U+00FF keep their low byte. */
export function latin1Encode(text: string): Bytes {
  const out = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) out[at] = text.charCodeAt(at);
  return out;
}

/** One character for each byte. */
export function latin1Decode(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return text;
}

/** Two lower-case digits for each byte. */
export function hex(bytes: Bytes): string {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}
