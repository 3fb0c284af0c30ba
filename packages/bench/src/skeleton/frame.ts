/**
 * Messages between skeletons: length u32 (of what follows), type u8, id u32, then
 *
 *   REPLICATE   fsync u8, key length u16, key, value      REPLICATED  nothing
 *   READ        key                                       READ_REPLY  length of the value i32, -1 where absent
 */
import type { Outbox } from "./outbox.ts";

const REPLICATE = 1;
const REPLICATED = 2;
const READ = 3;
const READ_REPLY = 4;
const HEAD_BYTES = 9;

export interface FrameHandler {
  /** Key and value are views that stay valid. */
  onReplicate(peer: number, id: number, fsync: boolean, key: Buffer, value: Buffer): void;
  onReplicated(id: number): void;
  onRead(peer: number, id: number, key: Buffer): void;
  onReadReply(id: number, length: number): void;
}

function head(out: Outbox, type: number, id: number, bodyBytes: number): void {
  out.ensure(HEAD_BYTES + bodyBytes);
  const { bytes, end } = out;
  bytes.writeUInt32BE(HEAD_BYTES - 4 + bodyBytes, end);
  bytes[end + 4] = type;
  bytes.writeUInt32BE(id, end + 5);
  out.end = end + HEAD_BYTES;
}

export function putReplicate(out: Outbox, id: number, fsync: boolean, key: Buffer, value: Buffer): void {
  head(out, REPLICATE, id, 3 + key.length + value.length);
  out.bytes[out.end] = fsync ? 1 : 0;
  out.bytes.writeUInt16BE(key.length, out.end + 1);
  out.end += 3;
  out.put(key);
  out.put(value);
}

export function putReplicated(out: Outbox, id: number): void {
  head(out, REPLICATED, id, 0);
}

export function putRead(out: Outbox, id: number, key: Buffer): void {
  head(out, READ, id, key.length);
  out.put(key);
}

export function putReadReply(out: Outbox, id: number, length: number): void {
  head(out, READ_REPLY, id, 4);
  out.bytes.writeInt32BE(length, out.end);
  out.end += 4;
}

/** Cuts the bytes of one peer into messages. */
export class FrameReader {
  readonly #handler: FrameHandler;
  #rest: Buffer = Buffer.alloc(0);

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  push(peer: number, chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      this.#dispatch(peer, bytes, at + 4, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #dispatch(peer: number, bytes: Buffer, at: number, end: number): void {
    const id = bytes.readUInt32BE(at + 1);
    const body = at + 5;
    switch (bytes[at]) {
      case REPLICATE: {
        const keyEnd = body + 3 + bytes.readUInt16BE(body + 1);
        const key = bytes.subarray(body + 3, keyEnd);
        this.#handler.onReplicate(peer, id, bytes[body] === 1, key, bytes.subarray(keyEnd, end));
        break;
      }
      case REPLICATED:
        this.#handler.onReplicated(id);
        break;
      case READ:
        this.#handler.onRead(peer, id, bytes.subarray(body, end));
        break;
      case READ_REPLY:
        this.#handler.onReadReply(id, bytes.readInt32BE(body));
        break;
      default:
        throw new Error(`a skeleton sent a message of the unknown type ${bytes[at]}`);
    }
  }
}
