/**
 * Values that name the write they come from, and that show it when a byte of them is wrong. A value may name the
 * elements of a set: id u32, count u16, sum u32, elements u32 each, then filler that follows from the id.
 */
import type { Bytes } from "@kvorum/core";
import type { OperationId } from "./history.ts";

const FIXED_BYTES = 10;
const ELEMENT_BYTES = 4;

export interface ReadValue {
  /** The write it comes from; 0 when it is not a value that anybody wrote. */
  readonly writer: OperationId;
  readonly elements: readonly number[];
}

const NOBODYS: ReadValue = { writer: 0, elements: [] };

/** `length` is at least that; less is made as long as it must be. */
export function valueOf(id: OperationId, length: number, elements: readonly number[] = []): Bytes {
  const fillFrom = FIXED_BYTES + ELEMENT_BYTES * elements.length;
  const value = new Uint8Array(Math.max(length, fillFrom));
  const view = new DataView(value.buffer);
  view.setUint32(0, id);
  view.setUint16(4, elements.length);
  view.setUint32(6, sumOf(id, elements, value.length));
  elements.forEach((element, index) => view.setUint32(FIXED_BYTES + ELEMENT_BYTES * index, element));
  for (let i = fillFrom; i < value.length; i++) value[i] = fillerAt(id, i);
  return value;
}

export function readValue(value: Bytes): ReadValue {
  if (value.length < FIXED_BYTES) return NOBODYS;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const writer = view.getUint32(0);
  const count = view.getUint16(4);
  const fillFrom = FIXED_BYTES + ELEMENT_BYTES * count;
  if (fillFrom > value.length) return NOBODYS;
  const elements = Array.from({ length: count }, (_, index) =>
    view.getUint32(FIXED_BYTES + ELEMENT_BYTES * index),
  );
  if (view.getUint32(6) !== sumOf(writer, elements, value.length)) return NOBODYS;
  for (let i = fillFrom; i < value.length; i++) if (value[i] !== fillerAt(writer, i)) return NOBODYS;
  return { writer, elements };
}

function sumOf(id: OperationId, elements: readonly number[], length: number): number {
  let sum = Math.imul(id ^ 0x9e3779b9, 0x85ebca6b) ^ length;
  for (const element of elements) sum = Math.imul((sum << 5) ^ (sum >>> 27) ^ element, 0xc2b2ae35);
  return sum >>> 0;
}

function fillerAt(id: OperationId, index: number): number {
  return (Math.imul(id, 31) + Math.imul(index, 7)) & 0xff;
}
