/**
 * Opening a storage is one step after another, each of them a call to the files or to the engine. Here such a
 * sequence is a generator that reads from top to bottom: it makes a call, yields, and gets the answer. An error of
 * the disk or the engine, or `refuse`, ends the whole sequence with a refusal.
 */
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import type { Engine, EngineError, EngineUser } from "../ports/engine.ts";
import type { FileError, FileHandle, Files, FileUser } from "../ports/files.ts";
import type { StorageRefusal, StorageRefusalCode } from "./recovery-refusal.ts";

interface Answer {
  readonly result: number;
  readonly names: readonly string[];
  readonly values: readonly (Bytes | null)[];
}

export type Steps<Result> = Generator<undefined, Result, Answer>;

export interface StepsUser<Result> {
  onStepsEnded(result: Result): void;
  onStepsRefused(refusal: StorageRefusal): void;
}

const NO_NAMES: readonly string[] = [];
const NO_VALUES: readonly (Bytes | null)[] = [];
/** Key spaces begin below 0xff. */
const ABOVE_ALL_KEYS = new Uint8Array([0xff]);
const READ_BYTES_MAX = 4 * 1024 * 1024;

export class StepRunner<Result> implements FileUser, EngineUser {
  readonly #files: Files;
  readonly #engine: Engine;
  readonly #user: StepsUser<Result>;
  #steps: Steps<Result> | null = null;
  /** What the call under way is, for people. */
  #doing = "";
  #tag = 0;
  #refusal: StorageRefusal | null = null;

  constructor(files: Files, engine: Engine, user: StepsUser<Result>) {
    this.#files = files;
    this.#engine = engine;
    this.#user = user;
  }

  /** Runs the sequence to its first call; the end is told to the user later. */
  run(steps: Steps<Result>): void {
    this.#steps = steps;
    this.#advance(steps, steps.next());
  }

  *refuse(code: StorageRefusalCode, text: string): Steps<never> {
    this.#refusal = { code, text };
    yield;
    return unreachable("a refused sequence does not go on");
  }

  *list(): Steps<readonly string[]> {
    this.#files.list(this, this.#begin("listing the directory"));
    return (yield).names;
  }

  /** A whole file. */
  *readFile(name: string): Steps<Bytes> {
    const file = yield* this.#open(name);
    this.#files.size(file, this, this.#begin(`reading the size of ${name}`));
    const size = (yield).result;
    const bytes = yield* this.#read(name, file, size);
    yield* this.#close(name, file);
    return bytes;
  }

  /** The first bytes of a file, fewer when it is shorter, and its size. */
  *readBeginning(name: string, length: number): Steps<{ readonly bytes: Bytes; readonly size: number }> {
    const file = yield* this.#open(name);
    this.#files.size(file, this, this.#begin(`reading the size of ${name}`));
    const size = (yield).result;
    const bytes = yield* this.#read(name, file, Math.min(size, length));
    yield* this.#close(name, file);
    return { bytes, size };
  }

  /** Writes a new file of this name, whole or not at all, and makes it durable. */
  *replaceFile(name: string, bytes: Bytes): Steps<void> {
    const draft = `${name}.tmp`;
    const names = yield* this.list();
    if (names.includes(draft)) {
      this.#files.unlink(draft, this, this.#begin(`removing ${draft}`));
      yield;
    }
    this.#files.open(draft, "create", this, this.#begin(`creating ${draft}`));
    const file = (yield).result;
    this.#files.write(file, bytes, bytes.length, this, this.#begin(`writing ${draft}`));
    yield;
    this.#files.datasync(file, this, this.#begin(`fsync of ${draft}`));
    yield;
    yield* this.#close(draft, file);
    this.#files.rename(draft, name, this, this.#begin(`renaming ${draft} to ${name}`));
    yield;
    this.#files.syncDirectory(this, this.#begin("fsync of the directory"));
    yield;
  }

  *engineGet(keys: readonly Bytes[]): Steps<readonly (Bytes | null)[]> {
    this.#engine.getMany(keys, this, this.#begin("reading from the storage engine"));
    return (yield).values;
  }

  *engineHasAnyRow(): Steps<boolean> {
    this.#engine.range(
      EMPTY_BYTES,
      ABOVE_ALL_KEYS,
      1,
      1,
      this,
      this.#begin("reading from the storage engine"),
    );
    return (yield).values.length > 0;
  }

  *engineWrite(keys: readonly Bytes[], values: readonly (Bytes | null)[]): Steps<void> {
    this.#engine.write(keys, values, this, this.#begin("writing to the storage engine"));
    yield;
  }

  *engineDeleteRange(from: Bytes, to: Bytes): Steps<void> {
    this.#engine.deleteRange(from, to, this, this.#begin("writing to the storage engine"));
    yield;
  }

  *engineFlush(): Steps<void> {
    this.#engine.flush(this, this.#begin("flushing the storage engine"));
    yield;
  }

  onFile(tag: number, error: FileError | null, result: number): void {
    this.#onAnswer(tag, error, { result, names: NO_NAMES, values: NO_VALUES });
  }

  onNames(tag: number, error: FileError | null, names: readonly string[]): void {
    this.#onAnswer(tag, error, { result: 0, names, values: NO_VALUES });
  }

  onEngine(tag: number, error: EngineError | null): void {
    this.#onAnswer(tag, error, { result: 0, names: NO_NAMES, values: NO_VALUES });
  }

  onRows(
    tag: number,
    error: EngineError | null,
    _keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
  ): void {
    this.#onAnswer(tag, error, { result: 0, names: NO_NAMES, values });
  }

  *#open(name: string): Steps<FileHandle> {
    this.#files.open(name, "read", this, this.#begin(`opening ${name}`));
    return (yield).result;
  }

  *#close(name: string, file: FileHandle): Steps<void> {
    this.#files.close(file, this, this.#begin(`closing ${name}`));
    yield;
  }

  *#read(name: string, file: FileHandle, length: number): Steps<Bytes> {
    const bytes = new Uint8Array(length);
    let end = 0;
    while (end < length) {
      const part = bytes.subarray(end, Math.min(length, end + READ_BYTES_MAX));
      this.#files.read(file, end, part, this, this.#begin(`reading ${name}`));
      const count = (yield).result;
      if (count === 0) break;
      end += count;
    }
    return end === length ? bytes : bytes.subarray(0, end);
  }

  #begin(doing: string): number {
    this.#doing = doing;
    return ++this.#tag;
  }

  #onAnswer(tag: number, error: FileError | EngineError | null, answer: Answer): void {
    const steps = this.#steps;
    assert(steps !== null && tag === this.#tag, "a call is answered once, before the next is made");
    if (error === null) return this.#advance(steps, steps.next(answer));
    this.#steps = null;
    const text = `${this.#doing} failed (${error.code}: ${error.text}); the member does not start; ${nextStep(error.code)}`;
    this.#user.onStepsRefused({ code: "STORAGE_IO", text });
  }

  #advance(steps: Steps<Result>, turn: IteratorResult<undefined, Result>): void {
    if (turn.done === true) {
      this.#steps = null;
      this.#user.onStepsEnded(turn.value);
    } else if (this.#refusal !== null) {
      this.#steps = null;
      this.#user.onStepsRefused(this.#refusal);
    } else assert(this.#steps === steps, "one sequence runs at a time");
  }
}

function nextStep(code: string): string {
  if (code === "ENOSPC" || code === "EDQUOT") return "no space left on device: free some, then start again";
  if (code === "EACCES" || code === "EPERM")
    return "give its user the right to read and write the directory, then start again";
  return "check the disk, then start again";
}
