/** What a write makes of the record its coordinator holds, with the bounds on it. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import { contextUnion, contextWith } from "../version/causal-context.ts";
import type { Version } from "../version/dot.ts";
import { contextOf, encodeSingle, isHeadOnly, versionsOf } from "../version/record.ts";
import { contextCount, versionCount } from "../version/record-layout.ts";
import { coverOlder, writeWithContext } from "../version/reconcile.ts";
import { type SeenContext, hasSeen, knowsSeen, seenOf, seenWith } from "../version/seen-context.ts";

interface Refusal {
  readonly code: OutcomeCode;
  readonly text: string;
}

export class Written {
  readonly version: Version;
  readonly record: Bytes;
  /** What the author has seen by now, for the token in his receipt. */
  readonly seen: SeenContext;

  constructor(version: Version, record: Bytes, seen: SeenContext) {
    this.version = version;
    this.record = record;
    this.seen = seen;
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
export function writeOver(held: Bytes | null, extra: Bytes, version: Version): Written {
  const { dot, kind, expiryMs, value } = version;
  const context = contextWith(contextUnion(contextOf(held), extra), dot.member, dot.start, dot.clock);
  const tombstone = kind === "tombstone";
  const record = encodeSingle(context, dot.member, dot.start, dot.clock, tombstone, expiryMs, value);
  return new Written(version, record, seenOf(record));
}

/** Why a write with a context cannot be built on what is held; null: it can. `only`: nothing unseen may be there. */
export function seenRefusal(held: Bytes | null, seen: SeenContext, only: boolean): Refusal | null {
  if (!knowsSeen(held, seen)) {
    const text = "the context names a write that no home within reach holds; read the key again";
    return { code: "QUORUM", text: `${text}; nothing was written` };
  }
  const isUnseen = ({ dot }: Version): boolean => !hasSeen(seen, dot);
  return only && versionsOf(held).some(isUnseen) ? { code: "CONFLICT", text: "" } : null;
}

/** A write that supersedes exactly what was seen. Null when siblings stay and only their head is at hand. */
export function writeWith(held: Bytes | null, seen: SeenContext, version: Version): Written | null {
  const stays = versionsOf(held).some(({ dot }) => !hasSeen(seen, dot));
  if (stays && held !== null && isHeadOnly(held)) return null;
  return new Written(version, writeWithContext(held, seen, version), seenWith(seen, version.dot));
}

/** An overwrite that also covers what other homes turned out to hold: the record that is held now, and older claims. */
export function coverAlso(first: Written, held: Bytes, older: Bytes): Written {
  const seen = { claims: contextUnion(first.seen.claims, older), dots: first.seen.dots };
  return new Written(first.version, coverOlder(held, older), seen);
}
