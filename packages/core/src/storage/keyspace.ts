/**
 * How the engine's one ordered key space is divided. The first byte names a key space:
 *
 * - `0x01` metadata: name
 * - `0x10` records: slot u16, hash of the key u16, namespace u16, key
 * - `0x18` conflict ledger: instant (HLC) u64, number u32
 * - `0x20` sums of the trees: slot u16
 * - `0x28` references: target u32, storage key of a record that this member holds and the target may lack
 * - `0x30` hints: target u32, storage key of a record that is kept in place of the target
 * - `0x38` acceptors of conditional writes: as records
 *
 * So a partition (a run of slots) is one contiguous range of the engine, and so is each leaf of a tree over the
 * key hashes inside it.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes } from "../base/bytes.ts";
import { hash32 } from "../base/hash.ts";
import { latin1Encode } from "../base/utf8.ts";
import type { MemberId } from "../model/member.ts";

const METADATA_SPACE = 0x01;
const RECORD_SPACE = 0x10;
const RECORD_PREFIX_BYTES = 7;
const CONFLICT_SPACE = 0x18;
const CONFLICT_KEY_BYTES = 13;
const TREE_SPACE = 0x20;
const HINT_SPACES: Readonly<Record<HintKind, number>> = { reference: 0x28, record: 0x30 };
const HINT_PREFIX_BYTES = 5;
const ACCEPTOR_SPACE = 0x38;
const KEY_HASH_SEED = 0x6b76;

/** A home refers to its own record; a fallback keeps one that it has no other place for. */
export type HintKind = "reference" | "record";

/** What the storage key of a hint names. */
export interface HintPlace {
  readonly kind: HintKind;
  readonly target: MemberId;
  /** Of the record: a view. */
  readonly storageKey: Bytes;
}

export function metadataKey(name: string): Bytes {
  return latin1Encode(`${String.fromCharCode(METADATA_SPACE)}${name}`);
}

/** The storage key of a record. */
export function recordKey(slot: number, namespace: number, key: Bytes): Bytes {
  const out = new Uint8Array(RECORD_PREFIX_BYTES + key.length);
  const hash = hash32(key, 0, key.length, KEY_HASH_SEED);
  out[0] = RECORD_SPACE;
  out[1] = slot >>> 8;
  out[2] = slot;
  out[3] = hash >>> 8;
  out[4] = hash;
  out[5] = namespace >>> 8;
  out[6] = namespace;
  out.set(key, RECORD_PREFIX_BYTES);
  return out;
}

/** Whether bytes from elsewhere have the form of a record's storage key. */
export function isRecordKey(storageKey: Bytes): boolean {
  return storageKey.length >= RECORD_PREFIX_BYTES && storageKey[0] === RECORD_SPACE;
}

export function slotOfRecordKey(storageKey: Bytes): number {
  return ((storageKey[1] ?? 0) << 8) | (storageKey[2] ?? 0);
}

export function namespaceOfRecordKey(storageKey: Bytes): number {
  return ((storageKey[5] ?? 0) << 8) | (storageKey[6] ?? 0);
}

export function hashOfRecordKey(storageKey: Bytes): number {
  return ((storageKey[3] ?? 0) << 8) | (storageKey[4] ?? 0);
}

/** The key itself: a view. */
export function keyOfRecordKey(storageKey: Bytes): Bytes {
  return storageKey.subarray(RECORD_PREFIX_BYTES);
}

/** Below all storage keys of a namespace with this slot and hash, and above all with a lower one. */
export function bucketStart(slot: number, hash: number, namespace: number): Bytes {
  const prefix = [RECORD_SPACE, slot >>> 8, slot, hash >>> 8, hash, namespace >>> 8, namespace];
  return new Uint8Array(prefix);
}

/** The least storage key above this one. */
export function successorOf(storageKey: Bytes): Bytes {
  const next = new Uint8Array(storageKey.length + 1);
  next.set(storageKey);
  return next;
}

/** The first storage key of a slot; that of slot 16,384 ends the key space. */
export function slotStart(slot: number): Bytes {
  return new Uint8Array([RECORD_SPACE, slot >>> 8, slot]);
}

/** Where an entry of the conflict ledger stands among all of them: by time, then by number. */
export interface ConflictPlace {
  readonly instant: number;
  readonly number: number;
}

/** The storage key of an entry of the conflict ledger. */
export function conflictKey({ instant, number }: ConflictPlace): Bytes {
  const writer = new ByteWriter(CONFLICT_KEY_BYTES);
  writer.u8(CONFLICT_SPACE);
  writer.u64(instant);
  writer.u32(number);
  return writer.copy();
}

/** The place that a storage key names; null for a key of another space, or of no form we write. */
export function placeOfConflictKey(storageKey: Bytes): ConflictPlace | null {
  const reader = new ByteReader(storageKey);
  const space = reader.u8();
  const place = { instant: reader.u64(), number: reader.u32() };
  return reader.complete && space === CONFLICT_SPACE ? place : null;
}

/** Where the conflict ledger's space begins and ends. */
export function conflictSpace(): { readonly from: Bytes; readonly to: Bytes } {
  return { from: new Uint8Array([CONFLICT_SPACE]), to: new Uint8Array([CONFLICT_SPACE + 1]) };
}

/** The storage key of a slot's row among the sums of the trees. */
export function treeKey(slot: number): Bytes {
  return new Uint8Array([TREE_SPACE, slot >>> 8, slot]);
}

/** -1 for a key of another space, or of no form we write. */
export function slotOfTreeKey(storageKey: Bytes): number {
  if (storageKey.length !== 3 || storageKey[0] !== TREE_SPACE) return -1;
  return slotOfRecordKey(storageKey);
}

/** Where the sums' space begins and ends. */
export function treeSpace(): { readonly from: Bytes; readonly to: Bytes } {
  return { from: new Uint8Array([TREE_SPACE]), to: new Uint8Array([TREE_SPACE + 1]) };
}

/** Where what an acceptor knows of a record's key is kept. */
export function acceptorKey(storageKey: Bytes): Bytes {
  const out = storageKey.slice();
  out[0] = ACCEPTOR_SPACE;
  return out;
}

export function isAcceptorKey(storageKey: Bytes): boolean {
  return storageKey.length >= RECORD_PREFIX_BYTES && storageKey[0] === ACCEPTOR_SPACE;
}

/** The storage key of what is to reach `target` of the record with this storage key. */
export function hintKey(kind: HintKind, target: MemberId, storageKey: Bytes): Bytes {
  const out = new Uint8Array(HINT_PREFIX_BYTES + storageKey.length);
  out[0] = HINT_SPACES[kind];
  new DataView(out.buffer).setUint32(1, target);
  out.set(storageKey, HINT_PREFIX_BYTES);
  return out;
}

/** Null for a key of another space, or of no form we write. */
export function placeOfHintKey(key: Bytes): HintPlace | null {
  const kind = key[0] === HINT_SPACES.record ? "record" : "reference";
  const storageKey = key.subarray(HINT_PREFIX_BYTES);
  if (key[0] !== HINT_SPACES[kind] || !isRecordKey(storageKey)) return null;
  const target = new DataView(key.buffer, key.byteOffset).getUint32(1);
  return { kind, target, storageKey };
}

/** Where the space of one kind of hints begins and ends. */
export function hintSpace(kind: HintKind): { readonly from: Bytes; readonly to: Bytes } {
  const space = HINT_SPACES[kind];
  return { from: new Uint8Array([space]), to: new Uint8Array([space + 1]) };
}
