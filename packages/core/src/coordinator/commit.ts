/** What was chosen goes to the homes of its key as any record does, fsynced; a majority is waited for. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { QuorumState } from "../quorum/write-quorum.ts";
import { LocalMerge } from "../replica/local-merge.ts";
import type { Written } from "./build-record.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { copyOf } from "./own-copy.ts";
import { Replication, type WritePlace } from "./replication.ts";
import { watchStragglers } from "./straggler-watch.ts";

const DURABLE = "fsync";

export class Commit {
  readonly replication: Replication;
  readonly #parts: CoordinatorParts;
  #isTold = false;

  constructor(parts: CoordinatorParts, place: WritePlace) {
    this.#parts = parts;
    this.replication = new Replication(parts, place, copyOf(parts, place), DURABLE);
  }

  get state(): QuorumState {
    return this.replication.state;
  }

  /** `id`: of the operation that hears the homes; `deadline`: a clock. `changed`: this member's own copy has ended. */
  send(id: number, deadline: number, record: Bytes, writes: readonly Written[], changed: () => void): void {
    const { ledger, self } = this.#parts;
    const { replication } = this;
    const { storageKey } = replication.place;
    for (const written of writes) written.note(ledger, storageKey, DURABLE);
    replication.send({ id, deadline, overwrite: false, record });
    const ended = (code: OutcomeCode): void => {
      if (code === "OK") replication.onStored(DURABLE);
      else replication.onFailure(self);
      if (!this.#isTold) changed();
    };
    new LocalMerge(this.#parts, storageKey, record, DURABLE, ended).start();
  }

  onAnswer(peer: MemberId, code: OutcomeCode, fsynced: boolean): void {
    this.replication.onAnswer(peer, code, fsynced);
  }

  /** The end is told. True: the id belongs to whoever watches the homes that have not answered. */
  stop(id: number): boolean {
    this.#isTold = true;
    return watchStragglers(this.#parts, id, this.replication);
  }
}
