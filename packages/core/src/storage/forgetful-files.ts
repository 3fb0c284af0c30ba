/**
 * Files in memory that forget as a disk may when the power goes: bytes written since the last datasync survive
 * sector by sector, as the caller chooses, and directory changes since the last syncDirectory one by one. So a
 * test can cut at any point and try everything that the contract of the port allows to be left.
 *
 * A failed datasync is as treacherous as a real one: what it did not write is never written by a later one that
 * succeeds, because the kernel has marked those pages clean (Rebello et al., "Can Applications Recover from fsync
 * Failures?", ATC 2020).
 */
import { assert } from "../base/assert.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { compareTexts } from "../base/text-order.ts";
import type { FileError, FileHandle, Files, FileUser } from "../ports/files.ts";
import type { Defer } from "./memory-engine.ts";

const NAME = /^[a-z0-9.-]{1,64}$/;

/** File contents by name. */
export type DiskContents = ReadonlyMap<string, Bytes>;

/** What a power cut leaves of what was not synced. */
export interface Survival {
  /** Whether this sector of new bytes is on the disk. `sector` counts from the file's beginning. */
  keepsSector(name: string, sector: number): boolean;
  /** Whether the directory change with this index, counted from the last syncDirectory, is. */
  keepsChange(index: number): boolean;
  /**
   * What stands in a sector that is not kept: zeros, unless this says otherwise. A sector that was being written
   * when the power went may hold anything.
   */
  filler?(name: string, sector: number): number;
}

export const KEEP_NOTHING: Survival = { keepsSector: () => false, keepsChange: () => false };
export const KEEP_EVERYTHING: Survival = { keepsSector: () => true, keepsChange: () => true };

export interface FileCall {
  /** Counts all calls on these files from 0. */
  readonly index: number;
  readonly operation: keyof Files;
  readonly name: string;
}

/** Asked at every call; an error makes the call fail with it. */
export type FileFault = (call: FileCall) => FileError | null;

interface Range {
  readonly from: number;
  readonly to: number;
  /** A datasync over it has failed. */
  isForgotten: boolean;
}

class FileBody {
  bytes: Bytes = new Uint8Array(0);
  length = 0;
  /** Where the write that has not been answered yet begins; -1: there is none. */
  inFlightFrom = -1;
  unsynced: Range[] = [];

  append(bytes: Bytes, length: number): void {
    if (this.length + length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes.subarray(0, length), this.length);
    this.unsynced.push({ from: this.length, to: this.length + length, isForgotten: false });
    this.length += length;
  }

  /** The bytes left when `keeps` says which sectors of unsynced bytes are; `filler` is what the lost ones hold. */
  remains(
    sectorBytes: number,
    keeps: (sector: number) => boolean,
    filler: (sector: number) => number,
  ): Bytes {
    const out = copyBytes(this.bytes.subarray(0, this.length));
    let end = 0;
    let syncedFrom = 0;
    for (const { from, to } of this.unsynced) {
      if (from > syncedFrom) end = from;
      syncedFrom = to;
      const lastSector = Math.floor((to - 1) / sectorBytes);
      for (let sector = Math.floor(from / sectorBytes); sector <= lastSector; sector++) {
        const sectorFrom = Math.max(from, sector * sectorBytes);
        const sectorTo = Math.min(to, (sector + 1) * sectorBytes);
        if (keeps(sector)) {
          end = sectorTo;
          continue;
        }
        const byte = filler(sector);
        out.fill(byte, sectorFrom, sectorTo);
        if (byte !== 0) end = sectorTo;
      }
    }
    if (this.length > syncedFrom) end = this.length;
    return out.subarray(0, end);
  }
}

interface Change {
  readonly removed: string | null;
  readonly added: string | null;
  readonly body: FileBody | null;
}

interface OpenFile {
  readonly name: string;
  readonly body: FileBody;
}

export interface ForgetfulOptions {
  /** What is written as a whole or not at all; 512 by default. */
  readonly sectorBytes?: number;
  readonly fault?: FileFault;
}

export class ForgetfulFiles implements Files {
  readonly #defer: Defer;
  readonly #sectorBytes: number;
  readonly #fault: FileFault | null;
  readonly #names = new Map<string, FileBody>();
  readonly #syncedNames = new Map<string, FileBody>();
  readonly #open = new Map<FileHandle, OpenFile>();
  #changes: Change[] = [];
  #nextHandle = 1;
  #calls = 0;
  #changeCount = 0;

  /** `contents`: what an earlier disk left behind; all of it is durable. */
  constructor(defer: Defer, contents: DiskContents = new Map(), options: ForgetfulOptions = {}) {
    this.#defer = defer;
    this.#sectorBytes = options.sectorBytes ?? 512;
    this.#fault = options.fault ?? null;
    for (const [name, bytes] of contents) {
      const body = new FileBody();
      body.append(bytes, bytes.length);
      body.unsynced = [];
      this.#names.set(name, body);
      this.#syncedNames.set(name, body);
    }
  }

  /** Rises whenever what a crash may leave becomes different. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** Whether a power cut now would take nothing away. */
  get isAllDurable(): boolean {
    if (this.#changes.length > 0) return false;
    for (const body of this.#names.values()) if (body.unsynced.length > 0) return false;
    return true;
  }

  get isWriting(): boolean {
    for (const body of this.#names.values()) if (body.inFlightFrom >= 0) return true;
    return false;
  }

  get calls(): number {
    return this.#calls;
  }

  /** What a power cut at this instant leaves. */
  remains(survival: Survival): DiskContents {
    const names = new Map(this.#syncedNames);
    this.#changes.forEach((change, index) => {
      if (survival.keepsChange(index)) applyChange(names, change);
    });
    const contents = new Map<string, Bytes>();
    for (const [name, body] of names) {
      contents.set(
        name,
        body.remains(
          this.#sectorBytes,
          (sector) => survival.keepsSector(name, sector),
          (sector) => survival.filler?.(name, sector) ?? 0,
        ),
      );
    }
    return contents;
  }

  /** What the death of the process leaves, when so many bytes of a write under way had been taken over. */
  remainsAfterKill(inFlightBytes: number): DiskContents {
    const contents = new Map<string, Bytes>();
    for (const [name, body] of this.#names) {
      const end =
        body.inFlightFrom < 0 ? body.length : Math.min(body.length, body.inFlightFrom + inFlightBytes);
      contents.set(name, copyBytes(body.bytes.subarray(0, end)));
    }
    return contents;
  }

  open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    assert(NAME.test(name), "a file's name is 1 to 64 of [a-z0-9.-]");
    const error = this.#call("open", name) ?? this.#openError(name, mode);
    if (error !== null) return this.#answer("open", 0, user, tag, error, -1);
    let body = this.#names.get(name);
    if (body === undefined) {
      body = new FileBody();
      this.#change({ removed: null, added: name, body });
    }
    const handle = this.#nextHandle++;
    this.#open.set(handle, { name, body });
    this.#answer("open", 0, user, tag, null, handle);
  }

  write(file: FileHandle, bytes: Bytes, length: number, user: FileUser, tag: number): void {
    const { name, body } = this.#opened(file);
    assert(body.inFlightFrom < 0, "one write to a file at a time");
    const error = this.#call("write", name);
    if (error !== null) {
      this.#changeCount++;
      body.append(bytes, length >> 1);
      return this.#answer("write", length, user, tag, error, -1);
    }
    this.#changeCount++;
    body.inFlightFrom = body.length;
    body.append(bytes, length);
    this.#defer("write", length, () => {
      body.inFlightFrom = -1;
      this.#changeCount++;
      user.onFile(tag, null, 0);
    });
  }

  read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    const { name, body } = this.#opened(file);
    const error = this.#call("read", name);
    if (error !== null) return this.#answer("read", 0, user, tag, error, -1);
    const from = Math.min(at, body.length);
    const count = Math.min(into.length, body.length - from);
    into.set(body.bytes.subarray(from, from + count));
    this.#answer("read", count, user, tag, null, count);
  }

  size(file: FileHandle, user: FileUser, tag: number): void {
    const { name, body } = this.#opened(file);
    const error = this.#call("size", name);
    this.#answer("size", 0, user, tag, error, error === null ? body.length : -1);
  }

  datasync(file: FileHandle, user: FileUser, tag: number): void {
    const { name, body } = this.#opened(file);
    const error = this.#call("datasync", name);
    const covered = body.unsynced.slice();
    if (error !== null) {
      for (const range of covered) range.isForgotten = true;
      return this.#answer("datasync", 0, user, tag, error, -1);
    }
    this.#defer("datasync", body.length, () => {
      this.#changeCount++;
      body.unsynced = body.unsynced.filter((range) => range.isForgotten || !covered.includes(range));
      user.onFile(tag, null, 0);
    });
  }

  close(file: FileHandle, user: FileUser, tag: number): void {
    const { name } = this.#opened(file);
    const error = this.#call("close", name);
    this.#open.delete(file);
    this.#answer("close", 0, user, tag, error, error === null ? 0 : -1);
  }

  rename(from: string, to: string, user: FileUser, tag: number): void {
    const body = this.#names.get(from);
    const error = this.#call("rename", from) ?? (body === undefined ? missing(from) : null);
    if (error !== null || body === undefined) return this.#answer("rename", 0, user, tag, error, -1);
    this.#change({ removed: from, added: to, body });
    this.#answer("rename", 0, user, tag, null, 0);
  }

  unlink(name: string, user: FileUser, tag: number): void {
    const error = this.#call("unlink", name) ?? (this.#names.has(name) ? null : missing(name));
    if (error !== null) return this.#answer("unlink", 0, user, tag, error, -1);
    this.#change({ removed: name, added: null, body: null });
    this.#answer("unlink", 0, user, tag, null, 0);
  }

  list(user: FileUser, tag: number): void {
    const error = this.#call("list", "");
    const names = error === null ? [...this.#names.keys()].sort(compareTexts) : [];
    this.#defer("list", 0, () => user.onNames(tag, error, names));
  }

  syncDirectory(user: FileUser, tag: number): void {
    const error = this.#call("syncDirectory", "");
    if (error !== null) return this.#answer("syncDirectory", 0, user, tag, error, -1);
    const covered = this.#changes.slice();
    this.#defer("syncDirectory", 0, () => {
      this.#changeCount++;
      for (const change of covered) applyChange(this.#syncedNames, change);
      this.#changes = this.#changes.filter((change) => !covered.includes(change));
      user.onFile(tag, null, 0);
    });
  }

  #call(operation: keyof Files, name: string): FileError | null {
    const index = this.#calls++;
    return this.#fault === null ? null : this.#fault({ index, operation, name });
  }

  #answer(
    operation: string,
    bytes: number,
    user: FileUser,
    tag: number,
    error: FileError | null,
    result: number,
  ): void {
    this.#defer(operation, bytes, () => user.onFile(tag, error, result));
  }

  #opened(file: FileHandle): OpenFile {
    const open = this.#open.get(file);
    assert(open !== undefined, "a file is used between open and close");
    return open;
  }

  #openError(name: string, mode: "create" | "append" | "read"): FileError | null {
    const exists = this.#names.has(name);
    if (mode === "create") return exists ? { code: "EEXIST", text: `${name}: file already exists` } : null;
    return exists ? null : missing(name);
  }

  #change(change: Change): void {
    this.#changeCount++;
    applyChange(this.#names, change);
    this.#changes.push(change);
  }
}

function missing(name: string): FileError {
  return { code: "ENOENT", text: `${name}: no such file` };
}

function applyChange(names: Map<string, FileBody>, { removed, added, body }: Change): void {
  if (removed !== null) names.delete(removed);
  if (added !== null && body !== null) names.set(added, body);
}
