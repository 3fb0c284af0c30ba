/** Records: how a write is made, compared and merged. */
import type { Bytes } from "@kvorum/core";
import { contextWith, encodeSingle, headOf, mergeRecords, supersedes } from "@kvorum/core/parts";
import { bytesOf, VALUE_BYTES, type Subject } from "./subject.ts";

const NO_CONTEXT = new Uint8Array(0);
const RUN_START = 1000;

/** The record of a write at this member, which had seen what `context` says. */
function recordBy(member: number, clock: number, context: Bytes): Bytes {
  const own = contextWith(context, member, RUN_START, clock);
  return encodeSingle(own, member, RUN_START, clock, false, 0, bytesOf(VALUE_BYTES, member));
}

export function recordSubjects(): Subject[] {
  const context = contextWith(NO_CONTEXT, 1, RUN_START, 2000);
  const older = recordBy(1, 2000, NO_CONTEXT);
  const newer = recordBy(1, 3000, context);
  const concurrent = recordBy(2, 3000, context);
  const value = bytesOf(VALUE_BYTES);
  return [
    {
      name: "encodeSingle",
      on: "an overwrite of 256 bytes",
      run: () => encodeSingle(context, 1, RUN_START, 2000, false, 0, value),
    },
    { name: "headOf", on: "a record of 256 bytes", run: () => headOf(newer) },
    { name: "supersedes", on: "a newer record of the same run", run: () => supersedes(newer, older) },
    {
      name: "mergeRecords, ordered",
      on: "a newer record of the same run",
      run: () => mergeRecords(older, newer),
    },
    {
      name: "mergeRecords, concurrent",
      on: "two writes of 256 bytes",
      run: () => mergeRecords(newer, concurrent),
    },
  ];
}
