/** Replies of RESP2, of which only the kind matters: whether it is an error, and which. */
const CR = 0x0d;
const MINUS = 0x2d;
const DOLLAR = 0x24;
const ZERO = 0x30;
const NOTHING = Buffer.alloc(0);

export class ReplyReader {
  readonly #onReply: (error: string | null) => void;
  #rest: Buffer = NOTHING;

  /** `onReply` gets the first word of an error, such as `QUORUM`, or null. */
  constructor(onReply: (error: string | null) => void) {
    this.#onReply = onReply;
  }

  /** Simple strings, errors, integers and bulk strings, split anywhere. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const lineEnd = bytes.indexOf(CR, at);
      if (lineEnd < 0 || lineEnd + 2 > bytes.length) break;
      const kind = bytes[at];
      let end = lineEnd + 2;
      if (kind === DOLLAR && bytes[at + 1] !== MINUS) end += numberIn(bytes, at + 1, lineEnd) + 2;
      if (end > bytes.length) break;
      this.#onReply(kind === MINUS ? firstWord(bytes.toString("latin1", at + 1, lineEnd)) : null);
      at = end;
    }
    this.#rest = at === bytes.length ? NOTHING : bytes.subarray(at);
  }
}

function numberIn(bytes: Buffer, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + (bytes[at] ?? 0) - ZERO;
  return number;
}

function firstWord(text: string): string {
  const space = text.indexOf(" ");
  return space < 0 ? text : text.slice(0, space);
}
