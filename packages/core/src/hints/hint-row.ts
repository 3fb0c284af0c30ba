/** What stands on disk under the key of a hint: of a reference the instant at which it was made, of a copy the record. */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import type { HintKind } from "../storage/keyspace.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import { msOfHlc } from "../version/hlc.ts";
import { contextOf, isRecord, versionsOf } from "../version/record.ts";

/** An instant (HLC) u64. */
export function referenceRow(instant: number): Bytes {
  const writer = new ByteWriter(8);
  writer.u64(instant);
  return writer.copy();
}

/** When the write came that the hint is for, ms since 1970; 0 where the row does not make sense. */
export function sinceOfRow(kind: HintKind, row: Bytes): number {
  if (kind === "record") return isRecord(row) ? sinceOfRecord(row) : 0;
  const reader = new ByteReader(row, 0, row.length);
  const instant = reader.u64();
  return reader.complete ? msOfHlc(instant) : 0;
}

/** The oldest write that a copy shows. */
export function sinceOfRecord(record: Bytes): number {
  const clocks = versionsOf(record).map(({ dot }) => dot.clock);
  return msOfHlc(clocks.length > 0 ? Math.min(...clocks) : contextMaxClock(contextOf(record)));
}
