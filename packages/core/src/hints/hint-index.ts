/** What hints there are, by their keys and by whom they are for: numbers and an order of delivery, no records. */
import { type ByteKeyed, ByteMap, keyHash } from "../base/byte-map.ts";
import type { Bytes } from "../base/bytes.ts";
import { LruList, type LruNode } from "../base/lru.ts";
import type { MemberId } from "../model/member.ts";
import { type HintKind, type HintPlace, placeOfHintKey } from "../storage/keyspace.ts";

export class Hint implements ByteKeyed, LruNode<Hint> {
  newer: Hint | null = null;
  older: Hint | null = null;
  readonly key: Bytes;
  readonly hash: number;
  readonly kind: HintKind;
  readonly target: MemberId;
  /** Of the record: a view. */
  readonly storageKey: Bytes;
  /** When the first write came that it is for, ms since 1970. */
  readonly sinceMs: number;
  /** On disk, its key included. */
  bytes: number;
  /** Grows with every write that it is for. */
  revision = 0;
  /** See `HintKeeper.runOf`. */
  runStart = 0;

  constructor(key: Bytes, { kind, target, storageKey }: HintPlace, bytes: number, sinceMs: number) {
    this.key = key;
    this.hash = keyHash(key);
    this.kind = kind;
    this.target = target;
    this.storageKey = storageKey;
    this.bytes = bytes;
    this.sinceMs = sinceMs;
  }
}

/** The hints for one member. */
export class TargetHints {
  readonly target: MemberId;
  /** Those that are not on their way; the oldest goes next. */
  readonly queue = new LruList<Hint>();
  readonly counts: Record<HintKind, number> = { reference: 0, record: 0 };
  readonly bytes: Record<HintKind, number> = { reference: 0, record: 0 };
  /** No hint is older, ms since 1970; Infinity when there is none. Exact after `HintIndex.findOldest`. */
  oldestMs = Infinity;

  constructor(target: MemberId) {
    this.target = target;
  }

  get size(): number {
    return this.counts.reference + this.counts.record;
  }
}

export class HintIndex {
  readonly #hints = new ByteMap<Hint>();
  #bytes = 0;
  readonly #targets = new Map<MemberId, TargetHints>();

  targetOf(member: MemberId): TargetHints {
    let target = this.#targets.get(member);
    if (target === undefined) {
      target = new TargetHints(member);
      this.#targets.set(member, target);
    }
    return target;
  }

  /** Of all targets. */
  get size(): number {
    return this.#hints.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get targets(): Iterable<TargetHints> {
    return this.#targets.values();
  }

  get(key: Bytes): Hint | null {
    return this.#hints.get(key, keyHash(key));
  }

  /** Notes a hint, or that it has changed; null for a key that is none. */
  note(key: Bytes, bytes: number, sinceMs: number): Hint | null {
    const place = placeOfHintKey(key);
    if (place === null) return null;
    let hint = this.get(key);
    const target = this.targetOf(place.target);
    if (hint === null) {
      hint = new Hint(key, place, 0, sinceMs);
      this.#hints.set(hint);
      target.counts[hint.kind]++;
      target.queue.touch(hint);
      target.oldestMs = Math.min(target.oldestMs, sinceMs);
    }
    target.bytes[hint.kind] += bytes - hint.bytes;
    this.#bytes += bytes - hint.bytes;
    hint.bytes = bytes;
    hint.revision++;
    return hint;
  }

  forget(key: Bytes): void {
    const hint = this.#hints.delete(key, keyHash(key));
    if (hint === null) return;
    const target = this.targetOf(hint.target);
    target.queue.remove(hint);
    target.counts[hint.kind]--;
    target.bytes[hint.kind] -= hint.bytes;
    this.#bytes -= hint.bytes;
    if (target.size === 0) target.oldestMs = Infinity;
  }

  /** Looks at all of them. */
  findOldest(): void {
    for (const target of this.#targets.values()) target.oldestMs = Infinity;
    for (const { target, sinceMs } of this.#hints) {
      const hints = this.targetOf(target);
      hints.oldestMs = Math.min(hints.oldestMs, sinceMs);
    }
  }

  /** All for one member. */
  of(member: MemberId): Hint[] {
    return [...this.#hints].filter(({ target }) => target === member);
  }
}
