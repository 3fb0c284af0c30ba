/** One merge of a record into what this member holds, for whoever only wants to hear how it ended. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Durability } from "../ports/storage.ts";
import { type MergeParts, RecordMerge } from "./record-merge.ts";

export class LocalMerge extends RecordMerge {
  readonly #storable: MergeParts["storable"];
  readonly #ended: (code: OutcomeCode) => void;

  /** Key and record are kept. `ended` is called once, possibly inside `start`; `OK`: it is as durable as was asked. */
  constructor(
    parts: MergeParts,
    key: Bytes,
    record: Bytes,
    durability: Durability,
    ended: (code: OutcomeCode) => void,
  ) {
    super(parts, key, record, durability);
    this.#storable = parts.storable;
    this.#ended = ended;
  }

  /** Nothing is stored while the disk is down to its reserve, as when a peer sends it. */
  override start(): void {
    const storable = this.#storable();
    if (storable === "OK") super.start();
    else this.#ended(storable);
  }

  protected override onMerging(): void {
    // Nobody is told what was here before.
  }

  protected override onMerged(code: OutcomeCode): void {
    this.#ended(code);
  }
}
