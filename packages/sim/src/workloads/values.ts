/** Values that name the write they come from, and that show it when a byte of them is wrong. */
import type { Bytes } from "@kvorum/core";
import type { OperationId } from "./history.ts";

const ID_BYTES = 4;

/** `length` is at least 4. */
export function valueOf(id: OperationId, length: number): Bytes {
  const value = new Uint8Array(Math.max(length, ID_BYTES));
  new DataView(value.buffer).setUint32(0, id);
  for (let i = ID_BYTES; i < value.length; i++) value[i] = fillerAt(id, i);
  return value;
}

/** The write that a value comes from; 0 when it is not a value that anybody wrote. */
export function writerOf(value: Bytes): OperationId {
  if (value.length < ID_BYTES) return 0;
  const id = new DataView(value.buffer, value.byteOffset, value.length).getUint32(0);
  for (let i = ID_BYTES; i < value.length; i++) if (value[i] !== fillerAt(id, i)) return 0;
  return id;
}

function fillerAt(id: OperationId, index: number): number {
  return (Math.imul(id, 31) + Math.imul(index, 7)) & 0xff;
}
