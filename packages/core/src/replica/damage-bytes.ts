/**
 * Which finding of damage a home speaks of when it answers DAMAGED: u64, counted since its process began. Two answers
 * of one process with one number are about the same damage, and in between nothing has replaced the record.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";

export function damageBytes(damage: number): Bytes {
  const writer = new ByteWriter(8);
  writer.u64(damage);
  return writer.copy();
}

/** 0 where the bytes say nothing of it. */
export function damageOf(bytes: Bytes): number {
  const reader = new ByteReader(bytes, 0, bytes.length);
  const damage = reader.u64();
  return reader.complete ? damage : 0;
}
