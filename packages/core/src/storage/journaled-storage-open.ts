/**
 * Opens a storage: whose directory it is, recovery, a new segment. Nothing is answered inside the call itself.
 */
import { assert } from "../base/assert.ts";
import type { Engine } from "../ports/engine.ts";
import type { Events } from "../ports/events.ts";
import type { Files } from "../ports/files.ts";
import type { JournalLimits } from "./journal.ts";
import { JournaledStorage, type JournaledStorageOpener } from "./journaled-storage.ts";
import { recover, type Recovered, type RecoveryReport } from "./recovery.ts";
import type { Resolver } from "./recovery-page.ts";
import type { StorageRefusal } from "./recovery-refusal.ts";
import { StepRunner, type StepsUser } from "./recovery-steps.ts";

export const DEFAULT_JOURNAL_LIMITS: JournalLimits = {
  segmentBytesMax: 64 * 1024 * 1024,
  roundBytesMax: 4 * 1024 * 1024,
  engineLagMax: 4,
};

export interface StorageOpenOptions {
  /** The directory of the journal; it holds nothing else of ours. */
  readonly files: Files;
  readonly engine: Engine;
  readonly events: Events;
  readonly resolver: Resolver;
  /** 1 to 64 of `[A-Za-z0-9._-]`. */
  readonly cluster: string;
  readonly member: number;
  /** Program and release, one line; for people. */
  readonly createdBy: string;
  /** The directory's path; for people. */
  readonly place: string;
  readonly limits?: JournalLimits;
}

export interface StorageOpenUser {
  onStorageOpened(storage: JournaledStorage, report: RecoveryReport): void;
  onStorageRefused(refusal: StorageRefusal): void;
}

export function openJournaledStorage(options: StorageOpenOptions, user: StorageOpenUser): void {
  assert(/^[A-Za-z0-9._-]{1,64}$/.test(options.cluster), "a cluster's name is 1 to 64 of [A-Za-z0-9._-]");
  assert(!options.createdBy.includes("\n"), "the creator's name is one line");
  new Opening(options, user).begin();
}

class Opening implements StepsUser<Recovered>, JournaledStorageOpener {
  readonly #options: StorageOpenOptions;
  readonly #user: StorageOpenUser;
  #storage: JournaledStorage | null = null;
  #report: RecoveryReport | null = null;

  constructor(options: StorageOpenOptions, user: StorageOpenUser) {
    this.#options = options;
    this.#user = user;
  }

  begin(): void {
    const { files, engine, cluster, member, createdBy, resolver, place } = this.#options;
    const runner = new StepRunner<Recovered>(files, engine, this);
    runner.run(recover(runner, { identity: { cluster, member, createdBy }, resolver, place }));
  }

  onStepsEnded({ start, report }: Recovered): void {
    const { files, engine, events, cluster, member, limits = DEFAULT_JOURNAL_LIMITS } = this.#options;
    this.#report = report;
    this.#storage = new JournaledStorage(
      { files, engine, events, owner: { cluster, member }, start, limits },
      this,
    );
  }

  onStepsRefused(refusal: StorageRefusal): void {
    this.#user.onStorageRefused(refusal);
  }

  onStorageReady(): void {
    assert(this.#storage !== null && this.#report !== null, "what is ready has been made");
    this.#user.onStorageOpened(this.#storage, this.#report);
  }

  onStorageNotReady(text: string): void {
    this.#user.onStorageRefused({ code: "STORAGE_IO", text });
  }
}
