/**
 * Commands of RESP as arrays of bulk strings, and nothing else of the protocol. It trusts its input: the skeleton
 * shows what the path costs without the checks of a server.
 */
const CR = 0x0d;
const ZERO = 0x30;
const NOTHING = Buffer.alloc(0);

export class CommandParser {
  /** Views into the chunk, valid as long as somebody holds them. */
  readonly args: Buffer[] = [];
  #bytes: Buffer = NOTHING;
  #at = 0;
  #number = 0;

  push(chunk: Buffer): void {
    this.#bytes =
      this.#at === this.#bytes.length ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** Reads the next command into `args`; false: more bytes are needed. */
  next(): boolean {
    const start = this.#at;
    if (this.#readCommand()) return true;
    this.#at = start;
    return false;
  }

  #readCommand(): boolean {
    if (!this.#readHeader()) return false;
    const count = this.#number;
    this.args.length = 0;
    for (let i = 0; i < count; i++) {
      if (!this.#readHeader()) return false;
      const end = this.#at + this.#number;
      if (end + 2 > this.#bytes.length) return false;
      this.args.push(this.#bytes.subarray(this.#at, end));
      this.#at = end + 2;
    }
    return true;
  }

  /** `*3` or `$5` with the end of its line. */
  #readHeader(): boolean {
    const bytes = this.#bytes;
    let number = 0;
    for (let at = this.#at + 1; at < bytes.length - 1; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === CR) {
        this.#number = number;
        this.#at = at + 2;
        return true;
      }
      number = number * 10 + byte - ZERO;
    }
    return false;
  }
}
