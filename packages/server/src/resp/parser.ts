/**
 * Requests of RESP2 (arrays of bulk strings) and inline commands, from chunks that are split anywhere.
 *
 * It is pulled: `push` a chunk, then call `next` until it says `MORE`. After `COMMAND` the arguments stand in `args`
 * until `next` is called again. An argument that lies within one chunk is a view into it; one that spans chunks is
 * put together in a buffer that grows with what has really arrived. What a client claims is never allocated, and
 * never believed: numbers are digits only, terminators are checked, and every claim has a bound.
 *
 * A broken protocol is told in Redis's words where it has words for it, and ends the connection. An argument that
 * is well formed but larger than this member takes is skipped without being stored, and the command is refused.
 */
import { EMPTY_BYTES, type Bytes } from "@kvorum/core";
import { ByteCollector } from "./byte-collector.ts";
import { splitInline } from "./inline.ts";
import type { RespLimits } from "./limits.ts";

export type ParseStep = "more" | "command" | "broken";

/** Why a command was skipped instead of kept: one argument is too large, or all of them together are. */
export type Oversize = "none" | "argument" | "command";

type State = "start" | "inline" | "count" | "bulk" | "length" | "body" | "end" | "broken";

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const ZERO = 0x30;

/** No number that is allowed here needs more characters than this, nor does any that Redis could name. */
const HEADER_CHARS_MAX = 32;
/** What keeping one argument costs beyond its bytes: a view and its place in the array. */
const ARGUMENT_COST_BYTES = 128;

type HeaderResult = "more" | "done" | "invalid" | "long";

export class RequestParser {
  readonly args: Bytes[] = [];
  oversize: Oversize = "none";
  /** Which argument was too large, and its size in bytes. */
  oversizeAt = 0;
  oversizeBytes = 0;
  /** After `broken`: what to tell the client. */
  error = "";
  /** Requests that have begun so far. */
  begun = 0;
  /** What `args` keep alive: the chunks that they look into, what was put together, and themselves. */
  keptBytes = 0;

  readonly #limits: RespLimits;
  readonly #queue: Bytes[] = [];
  readonly #collector = new ByteCollector();
  #chunk: Bytes = EMPTY_BYTES;
  #at = 0;
  #state: State = "start";
  #argumentsLeft = 0;
  #argumentIndex = 0;
  #costBytes = 0;
  #keptChunk: Bytes = EMPTY_BYTES;
  /** Chunks that have not been looked at. */
  #queuedBytes = 0;
  #bodyBytes = 0;
  #bodySkipped = false;
  #bodySeen = 0;
  #terminatorSeen = 0;
  #number = 0;
  #negative = false;
  #headerChars = 0;
  #headerEnding = false;

  constructor(limits: RespLimits) {
    this.#limits = limits;
  }

  /** The chunk must not change as long as a view into it may be in use. */
  push(chunk: Bytes): void {
    if (chunk.length === 0) return;
    if (this.#at === this.#chunk.length) {
      this.#chunk = chunk;
      this.#at = 0;
    } else {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
  }

  /** Whether a request has come in in part. */
  get unfinished(): boolean {
    return this.#state !== "start" && this.#state !== "broken";
  }

  get unreadBytes(): number {
    return this.#chunk.length - this.#at + this.#queuedBytes;
  }

  /** What is held of requests that have not come in whole, or not been looked at. */
  get heldBytes(): number {
    return this.unreadBytes + this.keptBytes + this.#collector.capacity;
  }

  /** Lets go of whatever is held, and takes nothing more; `error` is left to whom it concerns. */
  abandon(): void {
    this.#state = "broken";
    this.args.length = 0;
    this.keptBytes = 0;
    this.#keptChunk = EMPTY_BYTES;
    this.#chunk = EMPTY_BYTES;
    this.#at = 0;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#collector.clear();
  }

  /** Goes on to the end of the next command, as far as the bytes reach. */
  next(): ParseStep {
    if (this.#state === "start") this.#begin();
    for (;;) {
      if (this.#state === "broken") return "broken";
      if (this.#at === this.#chunk.length && !this.#nextChunk()) return "more";
      if (this.#step()) return "command";
    }
  }

  #begin(): void {
    this.args.length = 0;
    this.oversize = "none";
    this.#costBytes = 0;
    this.keptBytes = 0;
    this.#argumentIndex = 0;
  }

  #keep(arg: Bytes, ownBytes: number): void {
    this.args.push(arg);
    this.keptBytes += ownBytes + ARGUMENT_COST_BYTES;
  }

  /** A view keeps its whole chunk alive, whatever else is in it: the first one pays for that. */
  #keepView(at: number, length: number): void {
    const chunk = this.#chunk;
    this.#keep(
      new Uint8Array(chunk.buffer, chunk.byteOffset + at, length),
      chunk === this.#keptChunk ? 0 : chunk.length,
    );
    this.#keptChunk = chunk;
  }

  #nextChunk(): boolean {
    this.#chunk = this.#queue.shift() ?? EMPTY_BYTES;
    this.#at = 0;
    this.#keptChunk = EMPTY_BYTES;
    this.#queuedBytes -= this.#chunk.length;
    return this.#chunk.length > 0;
  }

  /** One state's worth of the chunk, at least one byte of it. True when a command is complete. */
  #step(): boolean {
    switch (this.#state) {
      case "start":
        this.#start();
        return false;
      case "inline":
        return this.#inline();
      case "count":
        this.#count();
        return false;
      case "bulk":
        this.#bulk();
        return false;
      case "length":
        this.#length();
        return false;
      case "body":
        this.#body();
        return false;
      case "end":
        return this.#end();
      case "broken":
        return false;
    }
  }

  #start(): void {
    this.begun++;
    if (this.#chunk[this.#at] === STAR) {
      this.#at++;
      this.#beginHeader("count");
    } else {
      this.#state = "inline";
    }
  }

  #beginHeader(state: "count" | "length"): void {
    this.#state = state;
    this.#number = 0;
    this.#negative = false;
    this.#headerChars = 0;
    this.#headerEnding = false;
  }

  /** Digits, then CR LF. A number is invalid as soon as it cannot become valid any more. */
  #header(): HeaderResult {
    const chunk = this.#chunk;
    while (this.#at < chunk.length) {
      const byte = chunk[this.#at++] ?? 0;
      if (this.#headerEnding) return byte === LF ? "done" : "invalid";
      const digit = byte - ZERO;
      const digits = this.#headerChars - (this.#negative ? 1 : 0);
      if (digit >= 0 && digit <= 9) {
        if (this.#number === 0 && (digits > 0 || (digit === 0 && this.#negative))) return "invalid";
        this.#number = this.#number * 10 + digit;
      } else if (byte === CR && digits > 0) {
        this.#headerEnding = true;
        continue;
      } else if (byte === MINUS && this.#headerChars === 0) {
        this.#negative = true;
      } else {
        return "invalid";
      }
      if (++this.#headerChars > HEADER_CHARS_MAX) return "long";
    }
    return "more";
  }

  #count(): void {
    const result = this.#header();
    if (result === "more") return;
    if (result === "long") return this.#break("too big mbulk count string");
    if (result === "invalid") return this.#break("invalid multibulk length");
    // Redis ignores empty and negative counts.
    if (this.#negative || this.#number === 0) {
      if (this.#number > Number.MAX_SAFE_INTEGER) return this.#break("invalid multibulk length");
      this.#state = "start";
      return;
    }
    if (this.#number > this.#limits.argumentsMax) return this.#break("invalid multibulk length");
    this.#argumentsLeft = this.#number;
    this.#state = "bulk";
  }

  #bulk(): void {
    const byte = this.#chunk[this.#at++] ?? 0;
    if (byte !== DOLLAR) return this.#break(`expected '$', got '${String.fromCharCode(byte)}'`);
    this.#beginHeader("length");
  }

  #length(): void {
    const result = this.#header();
    if (result === "more") return;
    if (result === "long") return this.#break("too big bulk count string");
    if (result === "invalid" || this.#negative || this.#number > this.#limits.bulkBytesMax) {
      return this.#break("invalid bulk length");
    }
    this.#admit(this.#number);
    this.#bodyBytes = this.#number;
    this.#bodySeen = 0;
    this.#terminatorSeen = 0;
    if (this.#number > 0) {
      this.#state = "body";
      return;
    }
    if (!this.#bodySkipped) this.#keep(EMPTY_BYTES, 0);
    this.#state = "end";
  }

  /** Decides whether the argument of this length is kept. */
  #admit(length: number): void {
    this.#costBytes += length + ARGUMENT_COST_BYTES;
    if (this.oversize === "none") {
      const alone = length > this.#limits.argumentBytesMax;
      if (alone || this.#costBytes > this.#limits.commandBytesMax) {
        this.oversize = alone ? "argument" : "command";
        this.oversizeAt = this.#argumentIndex;
        this.oversizeBytes = length;
      }
    }
    this.#bodySkipped = this.oversize !== "none";
  }

  #body(): void {
    const chunk = this.#chunk;
    const here = Math.min(chunk.length - this.#at, this.#bodyBytes - this.#bodySeen);
    if (!this.#bodySkipped) {
      if (here === this.#bodyBytes) {
        this.#keepView(this.#at, here);
      } else {
        this.#collector.add(chunk, this.#at, this.#at + here, this.#bodyBytes);
      }
    }
    this.#at += here;
    this.#bodySeen += here;
    if (this.#bodySeen < this.#bodyBytes) return;
    if (!this.#bodySkipped && here < this.#bodyBytes) this.#keep(this.#collector.take(), this.#bodyBytes);
    this.#state = "end";
  }

  /** The CR LF after an argument; Redis does not look at it, we do. */
  #end(): boolean {
    while (this.#at < this.#chunk.length) {
      const byte = this.#chunk[this.#at++] ?? 0;
      if (byte !== (this.#terminatorSeen === 0 ? CR : LF)) {
        this.#break("bulk string does not end with CRLF");
        return false;
      }
      if (++this.#terminatorSeen < 2) continue;
      this.#argumentIndex++;
      this.#argumentsLeft--;
      this.#state = this.#argumentsLeft === 0 ? "start" : "bulk";
      return this.#argumentsLeft === 0;
    }
    return false;
  }

  #inline(): boolean {
    const chunk = this.#chunk;
    const newline = chunk.indexOf(LF, this.#at);
    const to = newline < 0 ? chunk.length : newline;
    if (this.#collector.length + (to - this.#at) > this.#limits.inlineBytesMax) {
      this.#break("too big inline request");
      return false;
    }
    let line: Bytes = chunk.subarray(this.#at, to);
    if (newline < 0 || this.#collector.length > 0) this.#collector.add(chunk, this.#at, to, 0);
    this.#at = newline < 0 ? to : to + 1;
    if (newline < 0) return false;
    if (this.#collector.length > 0) line = this.#collector.take();
    if (line[line.length - 1] === CR) line = line.subarray(0, line.length - 1);
    this.#state = "start";
    const { inlineWordsMax } = this.#limits;
    const result = splitInline(line, this.args, inlineWordsMax);
    if (result !== "words") {
      const limit = result === "too many words" ? `, the limit is ${inlineWordsMax} (inlineWordsMax)` : "";
      this.#break(`${result} in request${limit}`);
      return false;
    }
    for (const word of this.args) {
      this.keptBytes += word.length + ARGUMENT_COST_BYTES;
      this.#admit(word.length);
      if (this.oversize !== "none") break;
      this.#argumentIndex++;
    }
    return this.args.length > 0;
  }

  #break(text: string): void {
    this.error = `Protocol error: ${text}`;
    this.abandon();
  }
}
