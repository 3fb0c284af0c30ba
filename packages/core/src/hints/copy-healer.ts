/** A copy that is damaged cannot be fetched from anybody: it is given up, and whoever operates the member is told. */
import type { Events } from "../ports/events.ts";
import type { Healer, Resumable } from "../replica/record-merge.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { RecordStore } from "../storage/record-store.ts";

export class CopyHealer implements Healer {
  readonly #copies: RecordStore;
  readonly #events: Events;

  constructor(copies: RecordStore, events: Events) {
    this.#copies = copies;
    this.#events = events;
  }

  heal(entry: KeyEntry, resumed: Resumable | null): void {
    if (!entry.replacing) {
      const text =
        "a copy that was kept in place of a home is damaged and was given up; the homes that acknowledged the write hold it";
      this.#events.event("error", "hint-damaged", text, {});
      this.#copies.replaceDamaged(entry, null, NOBODY, 0);
    }
    resumed?.resume(0);
  }
}

const NOBODY: RecordUser = { onEntry: () => undefined, onCommitted: () => undefined };
