/**
 * The few things a member remembers about itself and its peers, in the metadata key space: the ceiling of its
 * clock, the birth of its directory and how often it was started, the highest clock it has heard from each peer and the
 * birth of each one's directory, and the topology its data was placed by.
 */
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { MemberId } from "../model/member.ts";
import type { Storage, StorageUser } from "../ports/storage.ts";
import { utf8Encode } from "../base/utf8.ts";
import { metadataKey } from "./keyspace.ts";

/** Format 1 had no births, 2 no count of lives. */
const FORMAT = 3;
const CLOCK_KEY = metadataKey("clock");
const TOPOLOGY_KEY = metadataKey("topology");

export interface ClockMemory {
  /** Nothing was ever minted above it; 0 for a member that never minted. */
  readonly ceiling: number;
  /** Chosen by chance when a member first uses its directory; 0: not yet. */
  readonly birth: number;
  /** Starts of a member in this directory, this one too. Unlike a clock it never goes back. */
  readonly lives: number;
  /** The highest clock heard from each peer. */
  readonly heard: ReadonlyMap<MemberId, number>;
  /** The birth of each peer's directory. */
  readonly births: ReadonlyMap<MemberId, number>;
}

export const NO_CLOCK_MEMORY: ClockMemory = {
  ceiling: 0,
  birth: 0,
  lives: 0,
  heard: new Map(),
  births: new Map(),
};

/** Asks the storage for the memory; `onRows` then gets one value to decode. */
export function loadClockMemory(storage: Storage, user: StorageUser, tag: number): void {
  storage.get(CLOCK_KEY, user, tag);
}

/** Whether a row of the engine is a member's memory. */
export function isClockMemoryKey(storageKey: Bytes): boolean {
  return bytesEqual(storageKey, CLOCK_KEY);
}

/** Null when the bytes are not a memory of a format that this release reads. */
export function decodeClockMemory(bytes: Bytes): ClockMemory | null {
  const reader = new ByteReader(bytes, 0, bytes.length);
  const format = reader.u8();
  if (format < 1 || format > FORMAT) return null;
  const ceiling = reader.u64();
  const birth = format === 1 ? 0 : reader.u64();
  const heard = readNumbers(reader);
  const births = format === 1 ? new Map<MemberId, number>() : readNumbers(reader);
  const lives = format < 3 ? 0 : reader.u32();
  return reader.complete ? { ceiling, birth, lives, heard, births } : null;
}

/**
 * Appends the memory, fsynced; `onStored` follows. Format u8, ceiling u64, birth u64, clocks heard, births (these two
 * each as count u16 and as often member u32, number u64), lives u32.
 */
export function saveClockMemory(storage: Storage, memory: ClockMemory, user: StorageUser, tag: number): void {
  const { ceiling, birth, lives, heard, births } = memory;
  const writer = new ByteWriter(28 + (heard.size + births.size) * 12);
  writer.u8(FORMAT);
  writer.u64(ceiling);
  writer.u64(birth);
  writeNumbers(writer, heard);
  writeNumbers(writer, births);
  writer.u32(lives);
  storage.append(CLOCK_KEY, writer.copy(), "fsync", user, tag);
}

/** Asks for the text of the topology that the data was placed by, as `saveTopologyText` gave it. */
export function loadTopologyText(storage: Storage, user: StorageUser, tag: number): void {
  storage.get(TOPOLOGY_KEY, user, tag);
}

export function saveTopologyText(storage: Storage, text: string, user: StorageUser, tag: number): void {
  storage.append(TOPOLOGY_KEY, utf8Encode(text), "fsync", user, tag);
}

function readNumbers(reader: ByteReader): Map<MemberId, number> {
  const count = reader.u16();
  const numbers = new Map<MemberId, number>();
  for (let i = 0; i < count && !reader.failed; i++) {
    const member = reader.u32();
    numbers.set(member, reader.u64());
  }
  return numbers;
}

function writeNumbers(writer: ByteWriter, numbers: ReadonlyMap<MemberId, number>): void {
  writer.u16(numbers.size);
  for (const [member, number] of numbers) {
    writer.u32(member);
    writer.u64(number);
  }
}
