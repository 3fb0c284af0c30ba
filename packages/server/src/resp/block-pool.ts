/**
 * Blocks of memory for replies on their way out: taken when a connection has something to say, given back when the
 * socket has taken it. Idle connections hold none.
 */

/** Holds the replies of an ordinary turn; ten thousand connections that answer at once take 160 MiB. */
export const BLOCK_BYTES = 16 * 1024;

const FREE_MAX = 256;

export class BlockPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  give(block: Buffer): void {
    if (this.#free.length < FREE_MAX) this.#free.push(block);
  }
}
