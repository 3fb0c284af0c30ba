/** Callers of a record store, and the records they write. */
import type { Bytes } from "../base/bytes.ts";
import type { Durability } from "../ports/storage.ts";
import { claimedOf, contextWith } from "../version/causal-context.ts";
import { contextOf, encodeSingle } from "../version/record.ts";
import type { KeyEntry, RecordUser } from "./key-entry.ts";
import type { RecordStore } from "./record-store.ts";

/** What was seen of an entry when it was served. */
export interface Sight {
  readonly tag: number;
  readonly damaged: boolean;
  readonly latest: Bytes | null;
  readonly committed: Bytes | null;
}

/** Notes all that it hears, and acts on an entry while it is served, as every user must. */
export class Caller implements RecordUser {
  readonly sights: Sight[] = [];
  readonly commits: [tag: number, durability: Durability][] = [];
  readonly #act: (entry: KeyEntry, tag: number, caller: Caller) => void;

  constructor(act: (entry: KeyEntry, tag: number, caller: Caller) => void = () => undefined) {
    this.#act = act;
  }

  onEntry(tag: number, entry: KeyEntry): void {
    const { damaged, latest, committed } = entry;
    this.sights.push({ tag, damaged, latest, committed });
    this.#act(entry, tag, this);
  }

  onCommitted(tag: number, durability: Durability): void {
    this.commits.push([tag, durability]);
  }
}

export function keyOf(name: string): Bytes {
  return Uint8Array.from(name, (letter) => letter.charCodeAt(0));
}

/** The record that an overwrite by member 1 makes of what it holds: 60 bytes and the value. */
export function over(held: Bytes | null, value: string): Bytes {
  const clock = claimedOf(contextOf(held), 1, 1) + 1;
  const context = contextWith(contextOf(held), 1, 1, clock);
  return encodeSingle(context, 1, 1, clock, false, 0, keyOf(value));
}

/** Asks for a key's entry and notes what was seen; empty until it is served. */
export function look(store: RecordStore, name: string, whole: boolean): readonly Sight[] {
  const caller = new Caller();
  store.withEntry(keyOf(name), whole, caller, 0);
  return caller.sights;
}

/** Overwrites a key as soon as its entry is served. */
export function write(
  store: RecordStore,
  name: string,
  value: string,
  durability: Durability,
  whole = false,
): Caller {
  const caller = new Caller((entry, tag, self) =>
    store.put(entry, over(entry.latest, value), durability, self, tag),
  );
  store.withEntry(keyOf(name), whole, caller, 7);
  return caller;
}
