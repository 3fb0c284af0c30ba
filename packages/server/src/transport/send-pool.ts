/**
 * Buffers that bytes wait in until a socket has taken them. They are used again: 64 KiB allocated per flush would
 * keep the collector busy all day.
 */
export const SEND_BYTES_MIN = 64 * 1024;
/** Sizes double from one to the next; what a large record needs beyond the last is made for it and not kept. */
const SIZES = 5;
const IDLE_BYTES_MAX = 8 * 1024 * 1024;

export interface SendUser {
  /** The socket has taken the bytes, or will never. */
  onSent(count: number): void;
}

export class SendBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly #pool: SendPool;
  #user: SendUser | null = null;
  #count = 0;
  /** One function for the buffer's whole life instead of one per write. */
  readonly #onWritten = (): void => {
    const user = this.#user;
    this.#user = null;
    this.#pool.give(this);
    user?.onSent(this.#count);
  };

  constructor(pool: SendPool, size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.#pool = pool;
  }

  /** Writes the first `count` bytes; the buffer goes back to its pool when they are gone. */
  send(socket: { write(chunk: Buffer, done: () => void): unknown }, count: number, user: SendUser): void {
    this.#user = user;
    this.#count = count;
    socket.write(Buffer.from(this.bytes.buffer, 0, count), this.#onWritten);
  }
}

export class SendPool {
  readonly #idle: SendBuffer[][] = Array.from({ length: SIZES }, () => []);
  #idleBytes = 0;

  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer of at least this size. */
  take(size: number): SendBuffer {
    const place = placeOf(size);
    const idle = this.#idle[place]?.pop();
    if (idle === undefined) return new SendBuffer(this, place < SIZES ? SEND_BYTES_MIN << place : size);
    this.#idleBytes -= idle.bytes.length;
    return idle;
  }

  give(buffer: SendBuffer): void {
    const { length } = buffer.bytes;
    const idle = this.#idle[placeOf(length)];
    if (idle === undefined || this.#idleBytes + length > IDLE_BYTES_MAX) return;
    this.#idleBytes += length;
    idle.push(buffer);
  }
}

/** Which of the sizes is enough; `SIZES` when none is. */
function placeOf(size: number): number {
  let place = 0;
  while (place < SIZES && SEND_BYTES_MIN << place < size) place++;
  return place;
}
