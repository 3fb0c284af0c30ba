/** The Files port over one directory, by Node's callbacks. */
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstat,
  fsync,
  open,
  openSync,
  read,
  readdir,
  rename,
  unlink,
  write,
} from "node:fs";
import { join } from "node:path";
import type { Bytes, FileError, FileHandle, Files, FileUser } from "@kvorum/core";

const FILE_MODE = 0o600;
const NAME = /^[a-z0-9.-]{1,64}$/;

const FLAGS = {
  create: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL,
  append: constants.O_WRONLY | constants.O_APPEND,
  read: constants.O_RDONLY,
};

export class NodeFiles implements Files {
  readonly #dir: string;
  readonly #dirHandle: number;
  readonly #onAnswered: () => void;
  readonly #open = new Set<FileHandle>();

  /** `onAnswered` is called after each answer. Throws when the directory cannot be opened. */
  constructor(dir: string, onAnswered: () => void) {
    this.#dir = dir;
    this.#dirHandle = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
    this.#onAnswered = onAnswered;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    open(join(this.#dir, name), FLAGS[mode], FILE_MODE, (error, file) => {
      if (error === null) this.#open.add(file);
      this.#answer(user, tag, error, file);
    });
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    this.#writeFrom(0, file, bytes, length, user, tag);
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    this.#readFrom(0, file, at, into, user, tag);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    fstat(file, (error, stats) => this.#answer(user, tag, error, error === null ? stats.size : -1));
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    fdatasync(file, (error) => this.#answer(user, tag, error, 0));
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    this.#open.delete(file);
    close(file, (error) => this.#answer(user, tag, error, 0));
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    rename(join(this.#dir, from), join(this.#dir, to), (error) => this.#answer(user, tag, error, 0));
  }

  unlink(name: string, user: FileUser, tag: number): void {
    unlink(join(this.#dir, name), (error) => this.#answer(user, tag, error, 0));
  }

  /** Files only, and only those with names that this port could have given. */
  list(user: FileUser, tag: number): void {
    readdir(this.#dir, { withFileTypes: true }, (error, entries) => {
      const names =
        error === null ? entries.filter((entry) => entry.isFile()).map((entry) => entry.name) : [];
      user.onNames(tag, fileError(error), names.filter((name) => NAME.test(name)).sort());
      this.#onAnswered();
    });
  }

  syncDirectory(user: FileUser, tag: number): void {
    fsync(this.#dirHandle, (error) => this.#answer(user, tag, error, 0));
  }

  /** Lets go of the directory and of every file that is still open. Nothing may be under way. */
  dispose(): void {
    for (const file of this.#open) closeSync(file);
    this.#open.clear();
    closeSync(this.#dirHandle);
  }

  #writeFrom(
    from: number,
    file: FileHandle,
    bytes: Bytes,
    length: number,
    user: FileUser,
    tag: number,
  ): void {
    write(file, bytes, from, length - from, null, (error, written) => {
      if (error === null && from + written < length) {
        this.#writeFrom(from + written, file, bytes, length, user, tag);
      } else this.#answer(user, tag, error, 0);
    });
  }

  #readFrom(have: number, file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    read(file, into, have, into.length - have, at + have, (error, count) => {
      if (error === null && count > 0 && have + count < into.length) {
        this.#readFrom(have + count, file, at, into, user, tag);
      } else this.#answer(user, tag, error, have + count);
    });
  }

  #answer(user: FileUser, tag: number, error: NodeJS.ErrnoException | null, result: number): void {
    user.onFile(tag, fileError(error), error === null ? result : -1);
    this.#onAnswered();
  }
}

function fileError(error: NodeJS.ErrnoException | null): FileError | null {
  return error === null ? null : { code: error.code ?? "UNKNOWN", text: error.message };
}
