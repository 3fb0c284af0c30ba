/** The records of many keys as two homes hold them alike, in the order of their storage keys. */
import { compareBytes, recordKey, slotOf, type Bytes } from "@kvorum/core";
import { contextWith, encodeSingle } from "@kvorum/core/parts";

export interface FilledRows {
  readonly keys: readonly Bytes[];
  readonly records: readonly Bytes[];
}

const NAMESPACE = 1;
const NO_CONTEXT = new Uint8Array(0);
/** The run of a member that is in no topology, so that nobody mints in it. */
const WRITER = 9;
const RUN_START = 1_000;

export function keyName(index: number): Bytes {
  return Buffer.from(`key:${String(index).padStart(12, "0")}`);
}

export function filledRows(count: number, valueBytes: number): FilledRows {
  const value = new Uint8Array(valueBytes).fill(120);
  const rows = Array.from({ length: count }, (_, index) => {
    const name = keyName(index);
    const clock = 2_000 + index;
    const record = encodeSingle(
      contextWith(NO_CONTEXT, WRITER, RUN_START, clock),
      WRITER,
      RUN_START,
      clock,
      false,
      0,
      value,
    );
    return { key: recordKey(slotOf(name), NAMESPACE, name), record };
  });
  rows.sort((a, b) => compareBytes(a.key, b.key));
  return { keys: rows.map(({ key }) => key), records: rows.map(({ record }) => record) };
}

/** The first index from which on keys are not below this one. */
export function firstFrom(keys: readonly Bytes[], key: Bytes): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = keys[middle];
    if (at !== undefined && compareBytes(at, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
