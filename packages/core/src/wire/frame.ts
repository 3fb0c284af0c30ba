/**
 * A frame carries everything written to one link in one turn. Its header says how long it is and has a sum of its
 * own, which is checked before the length is trusted; the payload has another.
 *
 * ```
 *  0 u32  magic "KVF1"            12 u64  clock: the sender's HLC when the frame was finished
 *  4 u8   frame version, 1        20 u32  payload length, at least 1
 *  5 u8   flags, 0                24 u32  CRC-32C of the payload
 *  6 u16  reserved, 0             28 u32  CRC-32C of the 28 bytes before
 *  8 u32  the sender's epoch      32      payload: messages
 * ```
 *
 * Big-endian throughout. One sum of the whole would not do: a damaged length would make the receiver wait for bytes
 * that never come, or collect gigabytes before it can tell.
 */
import { ByteReader } from "../base/byte-reader.ts";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";

export const FRAME_MAGIC = 0x4b56_4631;
export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 32;
/** How much of the header its own sum covers. */
export const FRAME_HEADER_SUMMED = 28;

/** A header as it was read last; one object for each parser. */
export class FrameHeader {
  epoch = 0;
  clock = 0;
  length = 0;
  payloadCrc = 0;
  readonly #reader = new ByteReader();

  /** Reads and checks the 32 bytes at `at`. Null: it is a header; else the violation in words. */
  read(bytes: Bytes, at: number, payloadBytesMax: number): string | null {
    const reader = this.#reader;
    reader.reset(bytes, at, at + FRAME_HEADER_BYTES);
    if (reader.u32() !== FRAME_MAGIC) return "these bytes are not a frame of kvorum's peer protocol";
    const version = reader.u8();
    if (version !== FRAME_VERSION) return `frame version ${version} is not known here`;
    const flags = reader.u8();
    const reserved = reader.u16();
    this.epoch = reader.u32();
    const clockHigh = reader.u32();
    const clockLow = reader.u32();
    this.clock = clockHigh * 0x1_0000_0000 + clockLow;
    this.length = reader.u32();
    this.payloadCrc = reader.u32();
    if (reader.u32() !== crc32c(bytes, at, at + FRAME_HEADER_SUMMED))
      return "a frame header fails its checksum";
    if (flags !== 0 || reserved !== 0) return "a frame header sets bits that are reserved";
    if (!Number.isSafeInteger(this.clock)) return "a frame's clock is out of range";
    if (this.length === 0) return "a frame is empty";
    if (this.length > payloadBytesMax) {
      return `a frame claims ${this.length} bytes where at most ${payloadBytesMax} are allowed`;
    }
    return null;
  }
}
