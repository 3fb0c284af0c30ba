/** What a write makes of the record its coordinator holds, with the bounds on it. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { Durability } from "../ports/storage.ts";
import type { ConflictLedger } from "../replica/conflict-ledger.ts";
import { contextUnion, contextWith } from "../version/causal-context.ts";
import { type Version, sameDot } from "../version/dot.ts";
import { contextOf, encodeSingle, isHeadOnly, isLiveVersion, versionsOf } from "../version/record.ts";
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
  /** Several live siblings that it replaces without their author having read them. */
  readonly overwritten: readonly Version[];

  constructor(version: Version, record: Bytes, seen: SeenContext, overwritten: readonly Version[] = []) {
    this.version = version;
    this.record = record;
    this.seen = seen;
    this.overwritten = overwritten;
  }

  /** To be called before the record is stored. */
  note(ledger: ConflictLedger, storageKey: Bytes, durability: Durability): void {
    if (this.overwritten.length > 0)
      ledger.noteOverwritten(storageKey, this.overwritten, this.version.dot, durability);
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

/**
 * An overwrite: supersedes all that is held, and all that `extra` claims. Heads suffice, unless several live siblings
 * go, whose values are to be noted: then null. `before`: the overwrite as it was first minted, which is no sibling.
 */
export function writeOver(
  held: Bytes | null,
  extra: Bytes,
  version: Version,
  nowMs: number,
  before: Written | null,
): Written | null {
  const overwritten = severalLive(held, nowMs, before);
  if (overwritten.length > 0 && held !== null && isHeadOnly(held)) return null;
  const { dot, kind, expiryMs, value } = version;
  const context = contextWith(contextUnion(contextOf(held), extra), dot.member, dot.start, dot.clock);
  const tombstone = kind === "tombstone";
  const record = encodeSingle(context, dot.member, dot.start, dot.clock, tombstone, expiryMs, value);
  return new Written(version, record, seenOf(record), overwritten);
}

function severalLive(held: Bytes | null, nowMs: number, before: Written | null): Version[] {
  if (held === null || versionCount(held) < 2) return [];
  const own = before?.version.dot ?? null;
  const live = versionsOf(held).filter(
    (each) => (own === null || !sameDot(each.dot, own)) && isLiveVersion(each, nowMs),
  );
  return live.length < 2 ? [] : live;
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
