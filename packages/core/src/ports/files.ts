/**
 * Files under the journal: append-only, few, flat names in one directory. The simulator and the crash tests tear
 * and lose here, so the contract says exactly what survives a power cut.
 *
 * - Every call is answered once by its user's `onFile`, never inside the call itself.
 * - `write` appends at the end of the file. What it wrote survives a power cut only after a later `datasync` of
 *   the same file has succeeded; until then any part of it may be lost, not only its end. It survives the death
 *   of the process (kill -9) once it has completed.
 * - A file that was created, renamed or removed is surely so after a power cut only when `syncDirectory` has
 *   completed afterwards.
 * - Bytes are lent until the completion.
 * - Names are 1 to 64 of `[a-z0-9.-]`.
 */
import type { Bytes } from "../base/bytes.ts";

/** Names a file that is open. */
export type FileHandle = number;

export interface FileError {
  /** The operating system's code, such as `ENOSPC` or `EIO`. */
  readonly code: string;
  readonly text: string;
}

export interface FileUser {
  /**
   * `result` is: for `open` the handle; for `read` the bytes read (fewer than asked only at the end of the file);
   * for `size` the size; else 0. On an error it is -1.
   */
  onFile(tag: number, error: FileError | null, result: number): void;
  /** The answer to `list`, in byte order of names. */
  onNames(tag: number, error: FileError | null, names: readonly string[]): void;
}

export interface Files {
  /** `create`: a new empty file, an error if it exists. `append` and `read`: an error (`ENOENT`) if it does not. */
  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void;
  /** Appends all of `bytes[0 .. length)`. */
  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void;
  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void;
  size(file: FileHandle, user: FileUser, tag: number): void;
  datasync(file: FileHandle, user: FileUser, tag: number): void;
  close(file: FileHandle, user: FileUser, tag: number): void;
  rename(from: string, to: string, user: FileUser, tag: number): void;
  unlink(name: string, user: FileUser, tag: number): void;
  list(user: FileUser, tag: number): void;
  syncDirectory(user: FileUser, tag: number): void;
}
