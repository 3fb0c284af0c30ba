/**
 * A toy cluster of record copies beside an oracle of explicit causal histories (sets of dots), for tests of the merge
 * laws. Writers here do exactly what the store's coordinator does: build on what their copy holds, mint above all of
 * it, start a new run whenever they may have forgotten something.
 */
import type { Bytes } from "../base/bytes.ts";
import { contextMaxClock, contextWith } from "./causal-context.ts";
import { dotText, type Version } from "./dot.ts";
import { contextOf, encodeRecord, versionsOf } from "./record.ts";
import { mergeRecords, writeWithContext } from "./reconcile.ts";
import { type SeenContext, seenMaxClock, seenOf, seenWith } from "./seen-context.ts";

/** A copy of a key at one member: the record, and what causal history says should be in it. */
export interface Copy {
  record: Bytes | null;
  /** Every dot this copy has heard of. */
  known: ReadonlySet<string>;
  /** Those that no heard-of write has superseded. */
  live: ReadonlySet<string>;
}

export const NOTHING: Copy = { record: null, known: new Set(), live: new Set() };

/** The oracle's merge: a dot is live iff it is live on both, or live on one and unheard of on the other. */
export function mergeCopies(a: Copy, b: Copy): Copy {
  const live = new Set<string>();
  for (const dot of a.live) if (b.live.has(dot) || !b.known.has(dot)) live.add(dot);
  for (const dot of b.live) if (a.live.has(dot) || !a.known.has(dot)) live.add(dot);
  return { record: mergeRecords(a.record, b.record), known: new Set([...a.known, ...b.known]), live };
}

export class Writer {
  readonly member: number;
  #clock: number;
  runStart: number;

  constructor(member: number, clock: number) {
    this.member = member;
    this.#clock = clock;
    this.runStart = clock;
  }

  /** A restart, a repair or a turn as fallback. */
  newRun(): void {
    this.runStart = ++this.#clock;
  }

  mint(...seen: (Bytes | null)[]): number {
    for (const record of seen) this.#clock = Math.max(this.#clock, contextMaxClock(contextOf(record)));
    return ++this.#clock;
  }

  version(clock: number, value: string): Version {
    const bytes = Uint8Array.from(value, (letter) => letter.charCodeAt(0));
    return {
      dot: { member: this.member, start: this.runStart, clock },
      kind: "value",
      expiryMs: 0,
      value: bytes,
    };
  }

  /** SET without a context: supersedes all that this copy holds. */
  overwrite(copy: Copy, value: string): Copy {
    const version = this.version(this.mint(copy.record), value);
    const { member, start, clock } = version.dot;
    const record = encodeRecord(contextWith(contextOf(copy.record), member, start, clock), [version]);
    const dot = dotText(version.dot);
    return { record, known: new Set([...copy.known, dot]), live: new Set([dot]) };
  }

  /** A write with the context of what was read (`seen`), at a member that holds `copy`. */
  writeSeen(copy: Copy, seen: Copy, value: string): Copy {
    return this.writeWith(copy, { context: seenOf(seen.record), known: seen.known }, value).copy;
  }

  /** A write with the token of a read or of another write, at a member that knows all that the token names. */
  writeWith(copy: Copy, seen: Token, value: string): { copy: Copy; token: Token } {
    const version = this.version(Math.max(this.mint(copy.record), seenMaxClock(seen.context) + 1), value);
    this.#clock = version.dot.clock;
    const record = writeWithContext(copy.record, seen.context, version);
    const dot = dotText(version.dot);
    const live = new Set([...copy.live].filter((old) => !seen.known.has(old)));
    live.add(dot);
    const written = { record, known: new Set([...copy.known, ...seen.known, dot]), live };
    const token = { context: seenWith(seen.context, version.dot), known: new Set([...seen.known, dot]) };
    return { copy: written, token };
  }
}

/** What a client has seen, and what causal history says that is. */
export interface Token {
  readonly context: SeenContext;
  readonly known: ReadonlySet<string>;
}

export function liveDots(record: Bytes | null): Set<string> {
  return new Set(versionsOf(record).map(({ dot }) => dotText(dot)));
}

export function valuesOf(record: Bytes | null): string[] {
  return versionsOf(record).map(({ value }) => String.fromCharCode(...value));
}
