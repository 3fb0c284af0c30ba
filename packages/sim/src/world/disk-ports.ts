/** The Files and Engine ports of one process, over a disk that outlives it. A dead process's calls go nowhere. */
import type {
  Bytes,
  Engine,
  EngineUser,
  FileHandle,
  Files,
  FileUser,
  ForgetfulFiles,
  MemoryEngine,
} from "@kvorum/core";
import type { Host } from "./host.ts";
import type { Misread } from "./misread.ts";

export type FileCall = keyof Files;

/** What the files of a process ask of their disk. */
export interface FileCalls {
  readonly inner: ForgetfulFiles;
  /** Has `run` done after a while, unless the process is dead by then. */
  callFile(host: Host, kind: FileCall, bytes: number, run: (user: FileUser) => void, user: FileUser): void;
}

/** The Files port of one process. */
export class SimFiles implements Files {
  readonly #calls: FileCalls;
  readonly #host: Host;

  constructor(calls: FileCalls, host: Host) {
    this.#calls = calls;
    this.#host = host;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    this.#call("open", 0, (to) => this.#calls.inner.open(name, mode, to, tag), user);
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    this.#call("write", length, (to) => this.#calls.inner.write(file, bytes, length, to, tag), user);
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    this.#call("read", into.length, (to) => this.#calls.inner.read(file, at, into, to, tag), user);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    this.#call("size", 0, (to) => this.#calls.inner.size(file, to, tag), user);
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    this.#call("datasync", 0, (to) => this.#calls.inner.datasync(file, to, tag), user);
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    this.#call("close", 0, (to) => this.#calls.inner.close(file, to, tag), user);
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    this.#call("rename", 0, (hearer) => this.#calls.inner.rename(from, to, hearer, tag), user);
  }

  unlink(name: string, user: FileUser, tag: number): void {
    this.#call("unlink", 0, (to) => this.#calls.inner.unlink(name, to, tag), user);
  }

  list(user: FileUser, tag: number): void {
    this.#call("list", 0, (to) => this.#calls.inner.list(to, tag), user);
  }

  syncDirectory(user: FileUser, tag: number): void {
    this.#call("syncDirectory", 0, (to) => this.#calls.inner.syncDirectory(to, tag), user);
  }

  #call(kind: FileCall, bytes: number, run: (user: FileUser) => void, user: FileUser): void {
    this.#calls.callFile(this.#host, kind, bytes, run, user);
  }
}

/** The Engine port of one process: a dead one's calls go nowhere. */
export class SimEngine implements Engine {
  readonly #engine: MemoryEngine;
  readonly #misread: Misread;
  readonly #host: Host;

  constructor(engine: MemoryEngine, misread: Misread, host: Host) {
    this.#misread = misread;
    this.#engine = engine;
    this.#host = host;
  }

  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void {
    if (!this.#host.isAlive) return;
    this.#misread.written(keys);
    this.#engine.write(keys, values, user, tag);
  }

  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void {
    if (this.#host.isAlive) this.#engine.getMany(keys, this.#misread.between(user), tag);
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void {
    if (this.#host.isAlive) this.#engine.range(from, to, rowsMax, bytesMax, user, tag);
  }

  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    if (this.#host.isAlive) this.#engine.deleteRange(from, to, user, tag);
  }

  flush(user: EngineUser, tag: number): void {
    if (this.#host.isAlive) this.#engine.flush(user, tag);
  }
}
