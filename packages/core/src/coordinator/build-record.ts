/** What a write makes of the record its coordinator holds, with the bounds on it. */
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import { claimedOf, contextDominates, contextUnion, contextWith } from "../version/causal-context.ts";
import { contextOf, encodeSingle, isHeadOnly, versionsOf } from "../version/record.ts";
import { contextCount, versionCount } from "../version/record-layout.ts";
import { writeWithContext } from "../version/reconcile.ts";

export interface NewVersion {
  readonly member: MemberId;
  readonly runStart: number;
  readonly clock: number;
  readonly tombstone: boolean;
  readonly expiryMs: number;
  readonly value: Bytes;
}

interface Refusal {
  readonly code: OutcomeCode;
  readonly text: string;
}

export class Written {
  readonly version: NewVersion;
  readonly record: Bytes;
  /** What the author's own next write may cover: its own dot, and what it knowingly superseded. */
  readonly #context: Bytes;

  constructor(version: NewVersion, record: Bytes, context: Bytes) {
    this.version = version;
    this.record = record;
    this.#context = context;
  }

  /** Whether the record claims all of a context. */
  covers(context: Bytes): boolean {
    return contextDominates(contextOf(this.record), context);
  }

  /** A record, its value left out, from which the receipt's token is made. */
  covering(): Bytes {
    const { member, runStart, clock, tombstone, expiryMs } = this.version;
    return encodeSingle(this.#context, member, runStart, clock, tombstone, expiryMs, EMPTY_BYTES);
  }

  /** The limit that this record is beyond, or null. Only writes are refused; merges never. */
  beyond(limits: Limits): Refusal | null {
    const entries = contextCount(this.record);
    if (entries > limits.contextEntriesMax) {
      const text = `the record's context would name ${entries} runs, the limit is ${limits.contextEntriesMax} (contextEntriesMax)`;
      return { code: "LIMIT", text };
    }
    const versions = versionCount(this.record);
    if (versions > limits.siblingsMax) {
      const text = `the key would have ${versions} siblings, the limit is ${limits.siblingsMax} (siblingsMax); read it with KV.GET and write with its context`;
      return { code: "LIMIT", text };
    }
    const bytes = this.record.length;
    if (bytes > limits.recordBytesMax) {
      const text = `the key with its siblings would take ${bytes} bytes, the limit is ${limits.recordBytesMax} (recordBytesMax); read it with KV.GET and write with its context`;
      return { code: "TOOLARGE", text };
    }
    return null;
  }
}

/** An overwrite: supersedes all that is held, and all that `extra` claims. Heads suffice. */
export function writeOver(held: Bytes | null, extra: Bytes, version: NewVersion): Written {
  const { member, runStart, clock, tombstone, expiryMs, value } = version;
  const context = contextWith(contextUnion(contextOf(held), extra), member, runStart, clock);
  return new Written(
    version,
    encodeSingle(context, member, runStart, clock, tombstone, expiryMs, value),
    context,
  );
}

/**
 * A write that supersedes exactly what `context` claims. Null when siblings stay and only their head is at hand.
 *
 * A sibling that stays may be of the very run that the new dot would be minted in; then a claim on the new dot would
 * claim that sibling too, and the author's next write would remove what he never saw. So the dot gets a run of its
 * own: a member may begin a new run whenever it likes.
 */
export function writeWith(held: Bytes | null, context: Bytes, version: NewVersion): Written | null {
  const stays = versionsOf(held).filter(({ dot }) => claimedOf(context, dot.member, dot.start) < dot.clock);
  if (stays.length > 0 && held !== null && isHeadOnly(held)) return null;
  const { member, clock, tombstone, expiryMs, value } = version;
  const shared = stays.some(({ dot }) => dot.member === member && dot.start === version.runStart);
  const runStart = shared ? clock : version.runStart;
  const record = writeWithContext(held, context, {
    dot: { member, start: runStart, clock },
    kind: tombstone ? "tombstone" : "value",
    expiryMs,
    value,
  });
  return new Written({ ...version, runStart }, record, contextWith(context, member, runStart, clock));
}
