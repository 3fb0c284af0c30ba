/**
 * One hint on its way to its target: a HINT for its receiver. It is merged there like any write, when it is its turn in
 * the receiver's own budget too.
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { Budget } from "../control/budget.ts";
import type { MemberId } from "../model/member.ts";
import { Operation, type OperationParts } from "../replica/operation.ts";
import type { Peers } from "../replica/peers.ts";
import type { MergeParts } from "../replica/record-merge.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { encodeHint } from "../wire/encode-hints.ts";
import type { Hint } from "./hint-index.ts";

export interface DeliveryParts extends OperationParts {
  readonly peers: Peers;
  readonly budget: Budget;
  /** Where the records are that references and copies name, and who replaces them when they are damaged. */
  readonly sources: Readonly<Record<Hint["kind"], Pick<MergeParts, "store" | "healer">>>;
}

export interface DeliveryUser {
  /** `OK`: the target holds durably what the hint was for when it left, at `revision`; or there is nothing to send. */
  onDelivered(hint: Hint, revision: number, code: OutcomeCode): void;
}

/** Longer than any disk takes; what does not end by then is sent again later. */
const DELIVERY_MS = 10_000;

export class HintDelivery extends Operation<DeliveryParts> implements RecordUser {
  readonly #hint: Hint;
  readonly #revision: number;
  readonly #user: DeliveryUser;

  constructor(parts: DeliveryParts, hint: Hint, user: DeliveryUser) {
    super(parts);
    this.#hint = hint;
    this.#revision = hint.revision;
    this.#user = user;
  }

  start(): void {
    this.register();
    this.parts.timers.after(this, DELIVERY_MS);
    const { kind, key, storageKey } = this.#hint;
    const from = kind === "record" ? key : storageKey;
    // What was dropped here and is not yet in the ledger for good must not leave before it is.
    this.parts.sources[kind].store.withEntry(from, true, this, 0, true);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    if (this.id === 0) return;
    if (entry.damaged) {
      this.parts.sources[this.#hint.kind].healer.heal(entry, null);
      this.#end("DAMAGED");
    } else if (entry.latest === null) this.#end("OK");
    else this.#send(entry.latest);
  }

  onCommitted(): void {
    // A delivery appends nothing here.
  }

  override onReplicated(peer: MemberId, code: OutcomeCode, fsynced: boolean): void {
    if (peer === this.#hint.target) this.#end(code === "OK" && !fsynced ? "UNKNOWN" : code);
  }

  override onPeerDown(peer: MemberId): void {
    if (peer === this.#hint.target) this.#end("QUORUM");
  }

  override onBulkDown(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onTimer(): void {
    this.#end("TIMEOUT");
  }

  #send(record: Bytes): void {
    const writer = this.parts.peers.writer(this.#hint.target, "bulk");
    if (writer === null) {
      this.#end("QUORUM");
      return;
    }
    const deadline = this.deadlineClock(DELIVERY_MS);
    const { target, storageKey } = this.#hint;
    encodeHint(writer, this.id, deadline, true, false, target, storageKey, record);
    this.parts.budget.charge("hints", storageKey.length + record.length);
  }

  #end(code: OutcomeCode): void {
    if (this.id === 0) return;
    this.unregister();
    this.parts.timers.cancel(this);
    this.#user.onDelivered(this.#hint, this.#revision, code);
  }
}
