/**
 * A group-commit journal as bare as it can be: appends of a turn make a round, a round is one write and one
 * `fdatasync`, one round is in flight at a time, and the engine's batch goes in parallel. It is never read: what it
 * shows is the cost of being able to.
 */
import { closeSync, fdatasync, openSync, unlinkSync, write } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@kvorum/core/parts";
import type { Engine, EngineError, EngineUser } from "@kvorum/core";

const ROUND_HEAD_BYTES = 12;
const ENTRY_HEAD_BYTES = 6;
const ROUND_BYTES_FIRST = 1024 * 1024;
/** As a member's. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

export interface JournalUser {
  /** As durable as was asked, and in the engine. */
  onStored(tag: number): void;
}

class Round {
  bytes = Buffer.allocUnsafe(ROUND_BYTES_FIRST);
  end = ROUND_HEAD_BYTES;
  needsSync = false;
  isJournalled = false;
  isApplied = false;
  readonly keys: Buffer[] = [];
  readonly values: Buffer[] = [];
  readonly users: JournalUser[] = [];
  readonly tags: number[] = [];

  add(key: Buffer, value: Buffer): void {
    const needed = this.end + ENTRY_HEAD_BYTES + key.length + value.length;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(2 * needed);
      this.bytes.copy(grown, 0, 0, this.end);
      this.bytes = grown;
    }
    const { bytes, end } = this;
    bytes.writeUInt16BE(key.length, end);
    bytes.writeUInt32BE(value.length, end + 2);
    bytes.set(key, end + ENTRY_HEAD_BYTES);
    bytes.set(value, end + ENTRY_HEAD_BYTES + key.length);
    this.end = needed;
    this.keys.push(key);
    this.values.push(value);
  }

  seal(): void {
    this.bytes.writeUInt32BE(this.end, 4);
    this.bytes.writeUInt32BE(this.keys.length, 8);
    this.bytes.writeUInt32BE(crc32c(this.bytes, 4, this.end), 0);
  }

  answer(): void {
    for (let i = 0; i < this.users.length; i++) this.users[i]?.onStored(this.tags[i] ?? 0);
  }

  clear(): void {
    this.end = ROUND_HEAD_BYTES;
    this.needsSync = false;
    this.isJournalled = false;
    this.isApplied = false;
    this.keys.length = 0;
    this.values.length = 0;
    this.users.length = 0;
    this.tags.length = 0;
  }
}

export class Journal implements EngineUser {
  readonly #dir: string;
  readonly #engine: Engine;
  readonly #onInput: () => void;
  readonly #spare: Round[] = [];
  readonly #applying: Round[] = [];
  #filling = new Round();
  #inFlight: Round | null = null;
  #segment = 0;
  #file: number;
  #fileBytes = 0;

  /** `onInput` is called after the disk has answered. */
  constructor(dir: string, engine: Engine, onInput: () => void) {
    this.#dir = dir;
    this.#engine = engine;
    this.#onInput = onInput;
    this.#file = openSync(this.#path(0), "wx");
  }

  append(key: Buffer, value: Buffer, fsync: boolean, user: JournalUser, tag: number): void {
    const round = this.#filling;
    round.add(key, value);
    round.users.push(user);
    round.tags.push(tag);
    if (fsync) round.needsSync = true;
  }

  onTurnEnd(): void {
    if (this.#inFlight !== null || this.#filling.keys.length === 0) return;
    const round = this.#filling;
    this.#filling = this.#spare.pop() ?? new Round();
    this.#inFlight = round;
    round.seal();
    write(this.#file, round.bytes, 0, round.end, null, (error) => this.#onWritten(round, error));
    this.#applying.push(round);
    this.#engine.write(round.keys, round.values, this, 0);
  }

  /** The engine answers writes in their order. */
  onEngine(_tag: number, error: EngineError | null): void {
    if (error !== null) throw new Error(error.text);
    const round = this.#applying.shift();
    if (round !== undefined) round.isApplied = true;
    if (round?.isJournalled === true) this.#end(round);
  }

  onRows(): void {
    // The journal asks for none.
  }

  #onWritten(round: Round, error: Error | null): void {
    if (error !== null) throw error;
    this.#fileBytes += round.end;
    if (round.needsSync) fdatasync(this.#file, (failure) => this.#onJournalled(round, failure));
    else this.#onJournalled(round, null);
  }

  #onJournalled(round: Round, error: Error | null): void {
    if (error !== null) throw error;
    round.isJournalled = true;
    this.#inFlight = null;
    if (round.isApplied) this.#end(round);
    if (this.#fileBytes > SEGMENT_BYTES_MAX) this.#nextSegment();
    this.#onInput();
  }

  #end(round: Round): void {
    round.answer();
    round.clear();
    this.#spare.push(round);
  }

  #nextSegment(): void {
    closeSync(this.#file);
    const old = this.#path(this.#segment++);
    this.#file = openSync(this.#path(this.#segment), "wx");
    this.#fileBytes = 0;
    this.#engine.flush({ onEngine: () => unlinkSync(old), onRows: () => undefined }, 0);
  }

  #path(segment: number): string {
    return join(this.#dir, `journal-${segment}.log`);
  }
}
