/**
 * Files that keep what was not synced in the memory of this process, so that kill -9 takes it away as a power cut
 * would; a kill alone proves no fsync, because the system's page cache survives it. For tests of real processes.
 */
import type { Bytes, FileError, FileHandle, Files, FileUser } from "@kvorum/core";

export class VolatileFiles implements Files {
  readonly #files: Files;
  /** What was written since the last datasync. */
  readonly #unsynced = new Map<FileHandle, Bytes[]>();

  constructor(files: Files) {
    this.#files = files;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    this.#files.open(name, mode, user, tag);
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    const pending = this.#unsynced.get(file) ?? [];
    pending.push(bytes.slice(0, length));
    this.#unsynced.set(file, pending);
    // Any call that changes nothing, for an answer that comes later.
    this.#files.size(file, { onFile: (_, error) => user.onFile(tag, error, 0), onNames: unexpected }, 0);
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    this.#files.read(file, at, into, user, tag);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    this.#files.size(file, user, tag);
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    const bytes = Buffer.concat(this.#unsynced.get(file) ?? []);
    this.#unsynced.delete(file);
    const onFile = (_: number, error: FileError | null) => {
      if (error === null) this.#files.datasync(file, user, tag);
      else user.onFile(tag, error, -1);
    };
    this.#files.write(file, bytes, bytes.length, { onFile, onNames: unexpected }, 0);
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    this.#files.close(file, user, tag);
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    this.#files.rename(from, to, user, tag);
  }

  unlink(name: string, user: FileUser, tag: number): void {
    this.#files.unlink(name, user, tag);
  }

  list(user: FileUser, tag: number): void {
    this.#files.list(user, tag);
  }

  syncDirectory(user: FileUser, tag: number): void {
    this.#files.syncDirectory(user, tag);
  }
}

function unexpected(): void {
  throw new Error("an answer of the wrong kind");
}
