import { describe, expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { FileError } from "../ports/files.ts";
import { DeferredWork } from "./deferred-work.fixture.ts";
import { filesConformance } from "./files.conformance.ts";
import {
  type DiskContents,
  type FileFault,
  ForgetfulFiles,
  KEEP_EVERYTHING,
  KEEP_NOTHING,
} from "./forgetful-files.ts";
import { VITEST } from "./suite.fixture.ts";

filesConformance(
  "forgetful files",
  () =>
    Promise.resolve({
      files: new ForgetfulFiles((_, __, deliver) => setImmediate(deliver)),
      close: () => Promise.resolve(),
    }),
  VITEST,
);

/** Files whose calls are answered at once when asked to, with the answers at hand. */
class Desk {
  readonly work = new DeferredWork();
  readonly files: ForgetfulFiles;
  error: FileError | null = null;
  result = 0;

  constructor(contents: DiskContents = new Map(), fault?: FileFault) {
    this.files = new ForgetfulFiles(this.work.defer, contents, fault === undefined ? {} : { fault });
  }

  readonly onNames = (): void => undefined;

  onFile(_tag: number, error: FileError | null, result: number): void {
    this.error = error;
    this.result = result;
  }

  open(name: string, mode: "create" | "append" | "read" = "create"): number {
    this.files.open(name, mode, this, 0);
    this.work.drain();
    return this.result;
  }

  write(file: number, text: string): void {
    this.files.write(file, latin1Encode(text), text.length, this, 0);
    this.work.drain();
  }

  datasync(file: number): void {
    this.files.datasync(file, this, 0);
    this.work.drain();
  }

  syncDirectory(): void {
    this.files.syncDirectory(this, 0);
    this.work.drain();
  }
}

function texts(contents: DiskContents): Record<string, string> {
  return Object.fromEntries([...contents].map(([name, bytes]) => [name, latin1Decode(bytes)]));
}

describe("after a power cut", () => {
  it("bytes that were synced are there, others as chosen", () => {
    const desk = new Desk();
    const file = desk.open("a");
    desk.syncDirectory();
    desk.write(file, "synced");
    desk.datasync(file);
    desk.write(file, " and not");
    expect(texts(desk.files.remains(KEEP_NOTHING))).toEqual({ a: "synced" });
    expect(texts(desk.files.remains(KEEP_EVERYTHING))).toEqual({ a: "synced and not" });
  });

  it("sectors are kept one by one, and lost ones read as zeros", () => {
    const desk = new Desk();
    const file = desk.open("a");
    desk.syncDirectory();
    desk.write(file, "s".repeat(500));
    desk.datasync(file);
    desk.write(file, "u".repeat(1000));
    const keeps = (...sectors: number[]) =>
      texts(
        desk.files.remains({
          keepsSector: (_, sector) => sectors.includes(sector),
          keepsChange: () => false,
        }),
      ).a;
    expect(keeps()).toBe("s".repeat(500));
    expect(keeps(0)).toBe("s".repeat(500) + "u".repeat(12));
    expect(keeps(2)).toBe("s".repeat(500) + "\0".repeat(524) + "u".repeat(476));
    expect(keeps(0, 2)).toBe("s".repeat(500) + "u".repeat(12) + "\0".repeat(512) + "u".repeat(476));
    expect(keeps(1)).toBe("s".repeat(500) + "\0".repeat(12) + "u".repeat(512));
  });

  it("created, renamed and removed names are sure only when the directory was synced", () => {
    const desk = new Desk(new Map([["old", latin1Encode("o")]]));
    const file = desk.open("new");
    desk.write(file, "n");
    desk.datasync(file);
    desk.files.rename("old", "renamed", desk, 0);
    desk.files.unlink("renamed", desk, 0);
    desk.work.drain();
    const only = (...changes: number[]) =>
      texts(
        desk.files.remains({ keepsSector: () => false, keepsChange: (index) => changes.includes(index) }),
      );
    expect(only()).toEqual({ old: "o" });
    expect(only(0)).toEqual({ old: "o", new: "n" });
    expect(only(1)).toEqual({ renamed: "o" });
    expect(only(0, 1, 2)).toEqual({ new: "n" });
    desk.syncDirectory();
    expect(texts(desk.files.remains(KEEP_NOTHING))).toEqual({ new: "n" });
  });

  it("a sync that was asked for but not answered has not happened for sure", () => {
    const desk = new Desk();
    const file = desk.open("a");
    desk.syncDirectory();
    desk.write(file, "bytes");
    desk.files.datasync(file, desk, 0);
    expect(texts(desk.files.remains(KEEP_NOTHING))).toEqual({ a: "" });
    desk.work.drain();
    expect(texts(desk.files.remains(KEEP_NOTHING))).toEqual({ a: "bytes" });
    expect(desk.files.isAllDurable).toBe(true);
  });

  it("what a failed datasync has dropped is not saved by a later one", () => {
    let syncs = 0;
    const fault: FileFault = ({ operation }) =>
      operation === "datasync" && ++syncs === 1 ? { code: "EIO", text: "i/o error" } : null;
    const desk = new Desk(new Map(), fault);
    const file = desk.open("a");
    desk.syncDirectory();
    desk.write(file, "dropped");
    desk.datasync(file);
    expect(desk.error?.code).toBe("EIO");
    desk.write(file, " kept");
    desk.datasync(file);
    expect(desk.error).toBeNull();
    expect(texts(desk.files.remains(KEEP_NOTHING))).toEqual({ a: "\0".repeat(7) + " kept" });
  });
});

describe("after the death of the process", () => {
  it("what was written is there, and part of what was being written", () => {
    const desk = new Desk();
    const file = desk.open("a");
    desk.write(file, "written");
    desk.files.write(file, latin1Encode(" in flight"), 10, desk, 0);
    expect(desk.files.isWriting).toBe(true);
    expect(texts(desk.files.remainsAfterKill(0))).toEqual({ a: "written" });
    expect(texts(desk.files.remainsAfterKill(3))).toEqual({ a: "written in" });
    expect(texts(desk.files.remainsAfterKill(1000))).toEqual({ a: "written in flight" });
  });
});

describe("a fault", () => {
  it("is asked for every call by number, and fails it", () => {
    const calls: string[] = [];
    const fault: FileFault = ({ index, operation, name }) => {
      calls.push(`${index} ${operation} ${name}`);
      return index === 1 ? { code: "ENOSPC", text: "no space left on device" } : null;
    };
    const desk = new Desk(new Map(), fault);
    const file = desk.open("a");
    desk.write(file, "12345678");
    expect(desk.error?.code).toBe("ENOSPC");
    desk.syncDirectory();
    expect(calls).toEqual(["0 open a", "1 write a", "2 syncDirectory "]);
    expect(texts(desk.files.remains(KEEP_EVERYTHING))).toEqual({ a: "1234" });
  });
});

it("a sector that was torn holds whatever the survival says", () => {
  const desk = new Desk();
  const file = desk.open("a");
  desk.syncDirectory();
  desk.write(file, "synced");
  desk.datasync(file);
  desk.write(file, " and torn");
  const torn = { keepsSector: () => false, keepsChange: () => false, filler: () => 0x2a };
  expect(texts(desk.files.remains(torn))).toEqual({ a: `synced${"*".repeat(9)}` });
});
