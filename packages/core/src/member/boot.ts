/** From an open storage to a member: reads what the storage remembers of clocks, then puts the member together. */
import type { Bytes } from "../base/bytes.ts";
import { assert } from "../base/assert.ts";
import type { StorageError, StorageUser } from "../ports/storage.ts";
import { decodeClockMemory, loadClockMemory, NO_CLOCK_MEMORY } from "../storage/metadata-store.ts";
import { Member, type MemberParts } from "./member.ts";

export type BootParts = Omit<MemberParts, "memory">;

export interface BootUser {
  /** The member is there; `start` it. */
  onBooted(member: Member): void;
}

/**
 * Answers once, unless what is remembered cannot be read: then it is reported as fatal, because a member that does
 * not know its ceiling might mint a dot twice. The turn must end for the read to be sent.
 */
export function bootMember(parts: BootParts, user: BootUser): void {
  loadClockMemory(parts.storage, new Boot(parts, user), 0);
}

class Boot implements StorageUser {
  readonly #parts: BootParts;
  readonly #user: BootUser;

  constructor(parts: BootParts, user: BootUser) {
    this.#parts = parts;
    this.#user = user;
  }

  onRows(
    _tag: number,
    error: StorageError | null,
    _keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    const stored = values[0] ?? null;
    const memory = stored === null ? NO_CLOCK_MEMORY : decodeClockMemory(stored);
    if (error !== null || memory === null) {
      const why = error === null ? "its bytes make no sense" : error.text;
      this.#parts.events.fatal(
        "clock-memory-damaged",
        `the ceiling of this member's clock cannot be read (${why}), so it might use a clock twice; it must not run under this id again`,
      );
      return;
    }
    this.#user.onBooted(new Member({ ...this.#parts, memory }));
  }

  onStored(): void {
    assert(false, "booting appends nothing");
  }
}
