/**
 * From an open storage to a member: reads what the storage remembers, of clocks and of the topology its data was placed
 * by, counts the directory's lives and gives one that is used for the first time its birth, then puts the member
 * together.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { utf8Decode } from "../base/utf8.ts";
import type { Topology } from "../model/topology.ts";
import type { StorageError, StorageUser } from "../ports/storage.ts";
import { describeDifference, topologyText } from "../ring/topology-text.ts";
import {
  type ClockMemory,
  NO_CLOCK_MEMORY,
  decodeClockMemory,
  loadClockMemory,
  loadTopologyText,
  saveClockMemory,
  saveTopologyText,
} from "../storage/metadata-store.ts";
import { drawNumber } from "../membership/draw-number.ts";
import { Member, type MemberParts } from "./member.ts";

export type BootParts = Omit<MemberParts, "memory">;

export interface BootUser {
  /** The member is there; `start` it. */
  onBooted(member: Member): void;
}

/**
 * Answers once, or reports as fatal what forbids to start: a memory that cannot be read (a member that does not know
 * its ceiling might mint a dot twice), or a topology other than the one the data was placed by (keys would be looked
 * for where they are not). The turn must end for the reads to be sent, and again for what the answers make it write.
 */
export function bootMember(parts: BootParts, user: BootUser): void {
  const boot = new Boot(parts, user);
  loadClockMemory(parts.storage, boot, CLOCKS);
  loadTopologyText(parts.storage, boot, TOPOLOGY);
}

const CLOCKS = 0;
const TOPOLOGY = 1;

class Boot implements StorageUser {
  readonly #parts: BootParts;
  readonly #user: BootUser;
  #memory: ClockMemory | null = null;
  #isPlaced = false;
  /** The directory's birth and this life are on disk. Before that nobody may hear of them: a crash could take them back. */
  #isBorn = false;

  constructor(parts: BootParts, user: BootUser) {
    this.#parts = parts;
    this.#user = user;
  }

  onRows(
    tag: number,
    error: StorageError | null,
    _keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    const stored = values[0] ?? null;
    if (tag === CLOCKS) this.#onClocks(error, stored);
    else this.#onTopology(error, stored);
    this.#finish();
  }

  onStored(tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
    if (tag !== CLOCKS) return;
    this.#isBorn = true;
    this.#finish();
  }

  #finish(): void {
    if (this.#memory === null || !this.#isBorn || !this.#isPlaced) return;
    this.#user.onBooted(new Member({ ...this.#parts, memory: this.#memory }));
  }

  #onClocks(error: StorageError | null, stored: Bytes | null): void {
    const memory = stored === null ? NO_CLOCK_MEMORY : decodeClockMemory(stored);
    if (error === null && memory !== null) {
      this.#remember(memory);
      return;
    }
    const why = error === null ? "its bytes make no sense" : error.text;
    this.#parts.events.fatal(
      "clock-memory-damaged",
      `the ceiling of this member's clock cannot be read (${why}), so it might use a clock twice; it must not run under this id again`,
    );
  }

  #remember(memory: ClockMemory): void {
    const { random, storage } = this.#parts;
    const birth = memory.birth === 0 ? drawNumber(random) : memory.birth;
    this.#memory = { ...memory, birth, lives: memory.lives + 1 };
    saveClockMemory(storage, this.#memory, this, CLOCKS);
  }

  #onTopology(error: StorageError | null, stored: Bytes | null): void {
    const { topology, storage, events } = this.#parts;
    const configured = placementText(topology);
    if (error !== null) {
      events.fatal("topology-unreadable", `what this directory was placed by cannot be read: ${error.text}`);
      return;
    }
    const remembered = stored === null ? null : utf8Decode(stored);
    if (remembered === null) saveTopologyText(storage, configured, this, TOPOLOGY);
    else if (remembered !== configured) {
      const differences = describeDifference(configured, remembered).join("; ");
      events.fatal(
        "topology-changed",
        `the configuration (here) differs from the one this directory's data was placed by (there): ${differences}; a running cluster cannot change its topology yet: configure it as it was, or start with empty directories`,
      );
      return;
    }
    this.#isPlaced = true;
  }
}

/** What decides where a key lives; members may move to other addresses. */
function placementText(topology: Topology): string {
  const nowhere = { host: "-", port: 0 };
  const members = topology.members.map((member) => ({
    ...member,
    peer: nowhere,
    resp: nowhere,
    http: nowhere,
  }));
  return topologyText({ ...topology, members });
}
