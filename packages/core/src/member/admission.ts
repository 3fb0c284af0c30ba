/** Whether this member may take another write, for a peer or as a coordinator. */
import type { OutcomeCode } from "../base/outcome.ts";
import type { Limits } from "../config/limits.ts";
import type { PeerLinks } from "../membership/links.ts";
import type { RecordStore } from "../storage/record-store.ts";

export class Admission {
  readonly #limits: Limits;
  readonly #store: RecordStore;
  readonly #links: PeerLinks;
  readonly #freeDiskBytes: () => number;

  constructor(limits: Limits, store: RecordStore, links: PeerLinks, freeDiskBytes: () => number) {
    this.#limits = limits;
    this.#store = store;
    this.#links = links;
    this.#freeDiskBytes = freeDiskBytes;
  }

  /** A record that somebody else has minted. */
  storable(): OutcomeCode {
    const { operationsMax, pendingBytesMax, diskReserveBytes } = this.#limits;
    if (this.#freeDiskBytes() <= diskReserveBytes) return "DISKFULL";
    const full = this.#store.pendingAppends >= operationsMax || this.#store.pendingBytes >= pendingBytesMax;
    return full ? "OVERLOADED" : "OK";
  }

  /** A write for which this member mints. */
  writable(): OutcomeCode {
    return this.#links.clockSuspended() ? "CLOCK" : this.storable();
  }
}
