/** Takes a copy away that its target has durably, unless another write has come into it meanwhile. */
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { Hint, TargetHints } from "./hint-index.ts";

export class CopyRemoval implements RecordUser {
  readonly #copies: RecordStore;
  readonly #hint: Hint;
  readonly #target: TargetHints;
  readonly #revision: number;

  constructor(copies: RecordStore, hint: Hint, target: TargetHints) {
    this.#copies = copies;
    this.#hint = hint;
    this.#target = target;
    this.#revision = hint.revision;
  }

  start(): void {
    this.#copies.withEntry(this.#hint.key, false, this, 0);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    if (this.#hint.revision === this.#revision && !entry.damaged) this.#copies.remove(entry, this, 0);
    else this.#target.queue.touch(this.#hint);
  }

  onCommitted(): void {
    // The next start would find it gone, or deliver it once more.
  }
}
