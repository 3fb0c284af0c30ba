/** What stands between the journal and what it stands on, for tests to override. */
import type { Bytes } from "../base/bytes.ts";
import type { Engine, EngineUser } from "../ports/engine.ts";
import type { FileHandle, Files, FileUser } from "../ports/files.ts";

/** Files that pass everything on. */
export class HonestFiles implements Files {
  protected readonly files: Files;

  constructor(files: Files) {
    this.files = files;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    this.files.open(name, mode, user, tag);
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    this.files.write(file, bytes, length, user, tag);
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    this.files.read(file, at, into, user, tag);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    this.files.size(file, user, tag);
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    this.files.datasync(file, user, tag);
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    this.files.close(file, user, tag);
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    this.files.rename(from, to, user, tag);
  }

  unlink(name: string, user: FileUser, tag: number): void {
    this.files.unlink(name, user, tag);
  }

  list(user: FileUser, tag: number): void {
    this.files.list(user, tag);
  }

  syncDirectory(user: FileUser, tag: number): void {
    this.files.syncDirectory(user, tag);
  }
}

/** An engine that passes everything on. */
export class HonestEngine implements Engine {
  protected readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void {
    this.engine.write(keys, values, user, tag);
  }

  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void {
    this.engine.getMany(keys, user, tag);
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void {
    this.engine.range(from, to, rowsMax, bytesMax, user, tag);
  }

  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    this.engine.deleteRange(from, to, user, tag);
  }

  flush(user: EngineUser, tag: number): void {
    this.engine.flush(user, tag);
  }
}
