/**
 * The few things a member remembers about itself and its peers, in the metadata key space: the ceiling of its
 * clock, the highest clock it has heard from each peer, and the topology its data was placed by.
 */
import { type Bytes } from "../base/bytes.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { MemberId } from "../model/member.ts";
import type { Storage, StorageUser } from "../ports/storage.ts";
import { utf8Encode } from "../base/utf8.ts";
import { metadataKey } from "./keyspace.ts";

const FORMAT = 1;
const CLOCK_KEY = metadataKey("clock");
const TOPOLOGY_KEY = metadataKey("topology");

export interface ClockMemory {
  /** Nothing was ever minted above it; 0 for a member that never minted. */
  readonly ceiling: number;
  readonly heard: ReadonlyMap<MemberId, number>;
}

export const NO_CLOCK_MEMORY: ClockMemory = { ceiling: 0, heard: new Map() };

/** Asks the storage for the memory; `onRows` then gets one value to decode. */
export function loadClockMemory(storage: Storage, user: StorageUser, tag: number): void {
  storage.get(CLOCK_KEY, user, tag);
}

/** Null when the bytes are not a memory of this format. */
export function decodeClockMemory(bytes: Bytes): ClockMemory | null {
  const reader = new ByteReader(bytes, 0, bytes.length);
  const format = reader.u8();
  const ceiling = reader.u64();
  const count = reader.u16();
  const heard = new Map<MemberId, number>();
  for (let i = 0; i < count && !reader.failed; i++) {
    const member = reader.u32();
    heard.set(member, reader.u64());
  }
  return !reader.complete || format !== FORMAT ? null : { ceiling, heard };
}

/** Appends the memory, fsynced; `onStored` follows. */
export function saveClockMemory(storage: Storage, memory: ClockMemory, user: StorageUser, tag: number): void {
  const writer = new ByteWriter(16 + memory.heard.size * 12);
  writer.u8(FORMAT);
  writer.u64(memory.ceiling);
  writer.u16(memory.heard.size);
  for (const [member, clock] of memory.heard) {
    writer.u32(member);
    writer.u64(clock);
  }
  storage.append(CLOCK_KEY, writer.copy(), "fsync", user, tag);
}

/** Asks for the text of the topology that the data was placed by, as `saveTopologyText` gave it. */
export function loadTopologyText(storage: Storage, user: StorageUser, tag: number): void {
  storage.get(TOPOLOGY_KEY, user, tag);
}

export function saveTopologyText(storage: Storage, text: string, user: StorageUser, tag: number): void {
  storage.append(TOPOLOGY_KEY, utf8Encode(text), "fsync", user, tag);
}
