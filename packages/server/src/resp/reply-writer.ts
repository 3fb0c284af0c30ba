/**
 * Encodes replies in RESP2 and RESP3. One writer serves all connections of a server: a reply is written in one go
 * between `begin` and `end`, lies in `bytes[from .. end)`, and is then either copied to its connection's output
 * or, when earlier commands still wait for theirs, parked where it is (see `park`).
 *
 * RESP3: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md. What RESP2 has no type for is
 * flattened as Redis does it: maps and sets to arrays, booleans to 1 and 0, verbatim text to bulks.
 */
import { assert, type Bytes } from "@kvorum/core";

export type Protocol = 2 | 3;

/** Where a reply lies that waits for its turn: `page.bytes[from .. to)`, kept until `release`. */
export interface Parked {
  page: Page | null;
  from: number;
  to: number;
}

/** Memory that replies are written into; `parked` of them still lie there. */
export interface Page {
  readonly bytes: Bytes;
  parked: number;
}

/** A reply that does not fit in a page of this size has a page of its own, which can be handed on as it is. */
export const PAGE_BYTES = 64 * 1024;
const SPARE_PAGES_MAX = 16;
/** The longest thing written after one `ensure`: a type byte, a number, CR LF. */
const HEADER_BYTES_MAX = 32;
/** What a bulk takes at most beside its bytes, for lengths of up to eight digits. */
const BULK_EXTRA_BYTES = 16;
/** Longer text than this is cheaper to encode natively. */
const SHORT_TEXT = 48;
const SHORT_BYTES = 24;

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const ZERO = 0x30;

const encoder = new TextEncoder();

function literal(text: string): Bytes {
  return encoder.encode(text);
}

const OK = literal("+OK\r\n");
const NULL_BULK = literal("$-1\r\n");
const NULL_RESP3 = literal("_\r\n");

const STAR = 0x2a;
const PERCENT = 0x25;
const TILDE = 0x7e;
const DOLLAR = 0x24;
const COLON = 0x3a;
const PLUS = 0x2b;
const EQUALS = 0x3d;
const HASH = 0x23;

export class ReplyWriter {
  protocol: Protocol = 2;
  bytes: Bytes;
  /** Where the reply that is being written began, and where it ends so far. */
  from = 0;
  end = 0;
  #page: Page;
  #open = false;
  readonly #spare: Page[] = [];

  constructor() {
    this.#page = { bytes: new Uint8Array(PAGE_BYTES), parked: 0 };
    this.bytes = this.#page.bytes;
  }

  begin(protocol: Protocol): this {
    assert(!this.#open, "one reply is written at a time");
    this.#open = true;
    this.protocol = protocol;
    this.from = this.end;
    return this;
  }

  /** The reply is complete. Follow with `forget` or `park`. */
  finish(): void {
    assert(this.#open, "a reply was begun");
    this.#open = false;
  }

  /** Its bytes have been copied away. */
  forget(): void {
    this.end = this.from;
    if (this.bytes.length > PAGE_BYTES) this.#turnPage();
  }

  /** Leaves the reply where it is until `release`. */
  park(parked: Parked): void {
    const page = this.#page;
    page.parked++;
    parked.page = page;
    parked.from = this.from;
    parked.to = this.end;
    if (page.bytes.length > PAGE_BYTES) this.#turnPage();
  }

  release(parked: Parked): void {
    const { page } = parked;
    parked.page = null;
    if (page === null || --page.parked > 0) return;
    if (page === this.#page) {
      if (!this.#open) this.end = 0;
    } else if (page.bytes.length === PAGE_BYTES && this.#spare.length < SPARE_PAGES_MAX) {
      this.#spare.push(page);
    }
  }

  /** Makes room for so many bulks at once: a large reply that grows bit by bit is copied again and again. */
  reserveBulks(count: number, bytes: number): void {
    this.#ensure(bytes + count * BULK_EXTRA_BYTES + 2 * HEADER_BYTES_MAX);
  }

  ok(): void {
    this.#raw(OK);
  }

  /** A simple string; plain ASCII without line breaks. */
  simple(text: string): void {
    this.#line(PLUS, text);
  }

  /** An error: its first word is the code. Line breaks become spaces, as in Redis. */
  error(text: string): void {
    this.#line(MINUS, text.replaceAll(/[\r\n]/g, " "));
  }

  integer(value: number): void {
    this.#header(COLON, value);
  }

  /** A whole number of up to 64 bits that is in decimal already. */
  digits(value: Bytes): void {
    this.#ensure(value.length + HEADER_BYTES_MAX);
    this.bytes[this.end++] = COLON;
    this.#copy(value);
    this.#newline();
  }

  bulk(value: Bytes): void {
    const { length } = value;
    this.#ensure(length + 2 * HEADER_BYTES_MAX);
    this.#headerUnchecked(DOLLAR, length);
    this.#copy(value);
    this.#newline();
  }

  /** Text as UTF-8. */
  text(value: string): void {
    const { length } = value;
    if (length > SHORT_TEXT || !isAscii(value)) return this.bulk(encoder.encode(value));
    this.#ensure(length + 2 * HEADER_BYTES_MAX);
    this.#headerUnchecked(DOLLAR, length);
    this.#ascii(value);
    this.#newline();
  }

  null(): void {
    this.#raw(this.protocol === 3 ? NULL_RESP3 : NULL_BULK);
  }

  array(count: number): void {
    this.#header(STAR, count);
  }

  /** `count` pairs follow. */
  map(count: number): void {
    if (this.protocol === 3) this.#header(PERCENT, count);
    else this.#header(STAR, 2 * count);
  }

  set(count: number): void {
    this.#header(this.protocol === 3 ? TILDE : STAR, count);
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.#line(HASH, value ? "t" : "f");
    else this.integer(value ? 1 : 0);
  }

  /** Text for people, which RESP3 marks as such. */
  verbatim(value: string): void {
    if (this.protocol === 2) return this.text(value);
    const bytes = encoder.encode(`txt:${value}`);
    this.#ensure(bytes.length + 2 * HEADER_BYTES_MAX);
    this.#headerUnchecked(EQUALS, bytes.length);
    this.#copy(bytes);
    this.#newline();
  }

  #line(type: number, text: string): void {
    this.#ensure(text.length + HEADER_BYTES_MAX);
    this.bytes[this.end++] = type;
    this.#latin1(text);
    this.#newline();
  }

  #header(type: number, value: number): void {
    this.#ensure(HEADER_BYTES_MAX);
    this.#headerUnchecked(type, value);
  }

  #headerUnchecked(type: number, value: number): void {
    this.bytes[this.end++] = type;
    this.#digits(value);
    this.#newline();
  }

  #digits(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.bytes[this.end++] = MINUS;
      rest = -rest;
    }
    if (rest < 10) {
      this.bytes[this.end++] = ZERO + rest;
      return;
    }
    let digits = 1;
    for (let bound = 10; bound <= rest; bound *= 10) digits++;
    let at = this.end + digits;
    this.end = at;
    while (rest > 0) {
      const shorter = Math.floor(rest / 10);
      this.bytes[--at] = ZERO + (rest - shorter * 10);
      rest = shorter;
    }
  }

  #newline(): void {
    this.bytes[this.end++] = CR;
    this.bytes[this.end++] = LF;
  }

  #raw(bytes: Bytes): void {
    this.#ensure(bytes.length);
    this.#copy(bytes);
  }

  #copy(from: Bytes): void {
    const { length } = from;
    if (length > SHORT_BYTES) {
      this.bytes.set(from, this.end);
    } else {
      for (let i = 0; i < length; i++) this.bytes[this.end + i] = from[i] ?? 0;
    }
    this.end += length;
  }

  #ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.end + i] = text.charCodeAt(i);
    this.end += text.length;
  }

  /** Bytes of an argument that are echoed in an error keep their values; other text is ASCII anyway. */
  #latin1(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.bytes[this.end + i] = code > 0xff ? 0x3f : code;
    }
    this.end += text.length;
  }

  /** Room for `count` more bytes. A reply stays in one piece: it moves to a new page when it outgrows this one. */
  #ensure(count: number): void {
    if (this.end + count > this.bytes.length) this.#moveOn(count);
  }

  #moveOn(count: number): void {
    const { from, end, bytes } = this;
    const written = end - from;
    const needed = written + count;
    const left = this.#page;
    const size = needed <= PAGE_BYTES ? PAGE_BYTES : Math.max(needed, 2 * written);
    this.#use(size === PAGE_BYTES ? (this.#spare.pop() ?? newPage(size)) : newPage(size));
    this.bytes.set(bytes.subarray(from, end), 0);
    this.from = 0;
    this.end = written;
    if (left.parked === 0 && left.bytes.length === PAGE_BYTES && this.#spare.length < SPARE_PAGES_MAX) {
      this.#spare.push(left);
    }
  }

  #turnPage(): void {
    this.#use(this.#spare.pop() ?? newPage(PAGE_BYTES));
  }

  #use(page: Page): void {
    this.#page = page;
    this.bytes = page.bytes;
    this.from = 0;
    this.end = 0;
  }
}

function newPage(size: number): Page {
  return { bytes: new Uint8Array(size), parked: 0 };
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
