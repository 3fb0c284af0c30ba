/**
 * Where the coordinator of a write keeps its own copy of the record, and the run in which it mints there. A home mints
 * in its run for all keys. A fallback's run begins with its copy and ends with it: once that is delivered it may have
 * forgotten what it minted, and must not claim it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { HintKeeper } from "../replica/hint-keeper.ts";
import type { Minter } from "../replica/minter.ts";
import type { Peers } from "../replica/peers.ts";
import { LocalMerge } from "../replica/local-merge.ts";
import type { Healer } from "../replica/record-merge.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import { hintKey } from "../storage/keyspace.ts";
import type { RecordStore } from "../storage/record-store.ts";
import type { WritePlace } from "./replication.ts";

export interface OwnCopy {
  readonly key: Bytes;
  readonly store: RecordStore;
  readonly healer: Healer;
  /** The home in whose place the record is kept; 0: this member is a home itself. */
  readonly target: MemberId;
  /** `OK`, or why no record of about so many bytes can be kept. */
  room(bytes: number): OutcomeCode;
  /** The start of the run for a dot that is minted now; 0: the ceiling of the clock must be raised first. */
  run(): number;
  /** A record with a dot of this run has been put. */
  onMinted(start: number): void;
  /** A home of the key may lack this record: it is to have it when it can be reached. */
  keepFor(home: MemberId, record: Bytes): void;
}

export interface CopyParts {
  readonly self: MemberId;
  readonly peers: Peers;
  readonly minter: Minter;
  readonly store: RecordStore;
  readonly healer: Healer;
  readonly hints: HintKeeper;
  readonly storable: () => OutcomeCode;
}

/** A fallback keeps it in place of the first home that cannot be reached. */
export function copyOf(parts: CopyParts, { storageKey, homes }: WritePlace): OwnCopy {
  if (homes.includes(parts.self)) return new HomeCopy(parts, storageKey);
  const target = homes.find((home) => !parts.peers.reachable(home)) ?? homes[0] ?? 0;
  return new FallbackCopy(parts, target, storageKey);
}

class HomeCopy implements OwnCopy {
  readonly key: Bytes;
  readonly store: RecordStore;
  readonly healer: Healer;
  readonly target = 0;
  readonly #minter: Minter;
  readonly #hints: HintKeeper;

  constructor(parts: CopyParts, storageKey: Bytes) {
    this.key = storageKey;
    this.store = parts.store;
    this.healer = parts.healer;
    this.#minter = parts.minter;
    this.#hints = parts.hints;
  }

  room(): OutcomeCode {
    return "OK";
  }

  run(): number {
    return this.#minter.runStart;
  }

  onMinted(): void {
    // It is the run of all keys.
  }

  keepFor(home: MemberId): void {
    this.#hints.refer(home, this.key);
  }
}

class FallbackCopy implements OwnCopy {
  readonly key: Bytes;
  readonly store: RecordStore;
  readonly healer: Healer;
  readonly target: MemberId;
  readonly #parts: CopyParts;
  readonly #storageKey: Bytes;

  constructor(parts: CopyParts, target: MemberId, storageKey: Bytes) {
    this.#parts = parts;
    this.#storageKey = storageKey;
    this.target = target;
    this.key = hintKey("record", target, storageKey);
    this.store = parts.hints.copies;
    this.healer = parts.hints.healer;
  }

  room(bytes: number): OutcomeCode {
    return this.#parts.hints.admits(this.target, this.#storageKey, bytes);
  }

  run(): number {
    const { hints, minter } = this.#parts;
    const held = hints.runOf(this.key);
    return held === 0 ? minter.mint(0) : held;
  }

  onMinted(start: number): void {
    this.#parts.hints.setRun(this.key, start);
  }

  keepFor(home: MemberId, record: Bytes): void {
    const { hints, storable } = this.#parts;
    if (home === this.target || hints.admits(home, this.#storageKey, record.length) !== "OK") return;
    const parts = { store: this.store, healer: this.healer, storable };
    new LocalMerge(parts, hintKey("record", home, this.#storageKey), record, "os", () => undefined).start();
  }
}
