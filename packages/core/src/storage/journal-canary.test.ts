/**
 * The crash checker must be able to fail: files and engines that lie about what is durable, each the bug of a
 * careless journal, are planted under the real one, and the search must find every one of them.
 */
import { describe, expect, it } from "vitest";
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import type { EngineUser } from "../ports/engine.ts";
import type { FileError, FileHandle, FileUser } from "../ports/files.ts";
import { CrashSearch, styles, USED_ROWS, usedDisk, workloads } from "./journal-crash-search.fixture.ts";
import { EMPTY_DISK, failNth, type LabOptions } from "./journal-crash.fixture.ts";
import { HonestEngine, HonestFiles } from "./journal-honest.fixture.ts";
import { segmentNumber, segmentSeed } from "./segment-header.ts";

/** Acknowledges before the datasync of a segment. */
class NeverSyncs extends HonestFiles {
  #segment = -1;

  override open(name: string, mode: "create" | "append" | "read", user: FileUser, tag: number): void {
    if (segmentNumber(name) < 0 || mode !== "create") return super.open(name, mode, user, tag);
    const onFile = (_tag: number, error: FileError | null, file: number) => {
      this.#segment = file;
      user.onFile(tag, error, file);
    };
    super.open(name, mode, { onFile, onNames: nothing }, tag);
  }

  override datasync(file: FileHandle, user: FileUser, tag: number): void {
    if (file !== this.#segment) return super.datasync(file, user, tag);
    super.size(file, { onFile: (_tag, error) => user.onFile(tag, error, 0), onNames: nothing }, tag);
  }
}

/** Does not sync the directory after a segment has been created or removed. */
class NeverSyncsDirectory extends HonestFiles {
  #hasRenamed = false;

  override rename(from: string, to: string, user: FileUser, tag: number): void {
    this.#hasRenamed = true;
    super.rename(from, to, user, tag);
  }

  override syncDirectory(user: FileUser, tag: number): void {
    if (this.#hasRenamed) super.syncDirectory(user, tag);
    else super.list({ onFile: nothing, onNames: () => user.onFile(tag, null, 0) }, tag);
    this.#hasRenamed = false;
  }
}

/** Calls datasync once more when it has failed, and believes what it hears then. */
class SyncsAgain extends HonestFiles {
  override datasync(file: FileHandle, user: FileUser, tag: number): void {
    const onFile = (_tag: number, error: FileError | null) => {
      if (error === null) user.onFile(tag, null, 0);
      else super.datasync(file, user, tag);
    };
    super.datasync(file, { onFile, onNames: nothing }, tag);
  }
}

/** Trusts the tail without its checksum: makes every sum right before it is looked at. */
class TrustsSums extends HonestFiles {
  override read(file: FileHandle, at: number, into: Bytes, user: FileUser, tag: number): void {
    const onFile = (_tag: number, error: FileError | null, result: number) => {
      repairSums(into);
      user.onFile(tag, error, result);
    };
    super.read(file, at, into, { onFile, onNames: nothing }, tag);
  }
}

function repairSums(bytes: Bytes): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 128; at + 44 <= bytes.length;) {
    const length = view.getUint32(at + 8);
    if (length < 44 || at + length > bytes.length) return;
    view.setUint32(at + 4, crc32c(bytes, at + 8, at + length, segmentSeed(bytes)));
    at += length;
  }
}

/** Says that it has flushed. */
class NeverFlushes extends HonestEngine {
  override flush(user: EngineUser, tag: number): void {
    this.engine.write([], [], user, tag);
  }
}

function nothing(): void {
  // Whoever listens here expects no answer.
}

/** The first lost write that the search finds. */
function firstLoss(options: LabOptions): string | null {
  const used = usedDisk({ segmentBytesMax: options.segmentBytesMax });
  const search = new CrashSearch(options);
  for (const length of [1, 2]) {
    for (const workload of workloads(length)) {
      for (const style of styles) {
        search.run({ workload, style, image: EMPTY_DISK, start: new Map(), depth: 1 });
        search.run({ workload, style, image: used, start: USED_ROWS, depth: 1 });
        const loss = search.complaints.find((complaint) => complaint.startsWith("after a power cut"));
        if (loss !== undefined) return loss;
      }
    }
  }
  return null;
}

const segmentBytesMax = 190;

describe("planted bugs are found by the crash search", () => {
  it.each<readonly [string, LabOptions]>([
    [
      "an acknowledgement before the datasync",
      { segmentBytesMax, wrapFiles: (files) => new NeverSyncs(files) },
    ],
    [
      "a directory that is not synced",
      { segmentBytesMax, wrapFiles: (files) => new NeverSyncsDirectory(files) },
    ],
    ["a tail trusted without its sum", { segmentBytesMax: 400, wrapFiles: (files) => new TrustsSums(files) }],
    [
      "segments removed before the engine has flushed",
      { segmentBytesMax, wrapEngine: (engine) => new NeverFlushes(engine) },
    ],
    [
      "a failed fsync that is tried again",
      { segmentBytesMax, fault: () => failNth("datasync", 2), wrapFiles: (files) => new SyncsAgain(files) },
    ],
  ])("%s", (_name, options) => {
    expect(firstLoss(options)).not.toBeNull();
  });

  it("and without them it finds nothing", () => {
    expect(firstLoss({ segmentBytesMax: 400 })).toBeNull();
  });
});
