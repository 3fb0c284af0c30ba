import { describe, expect, it } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Events } from "../ports/events.ts";
import { DeferredWork } from "./deferred-work.fixture.ts";
import { ForgetfulFiles, KEEP_EVERYTHING } from "./forgetful-files.ts";
import type { JournaledStorage } from "./journaled-storage.ts";
import { openJournaledStorage } from "./journaled-storage-open.ts";
import { MemoryEngine, type MemoryRows } from "./memory-engine.ts";
import type { RecoveryReport } from "./recovery.ts";
import { RecoveryPage, type Resolver } from "./recovery-page.ts";

/** Values are sets of letters, and merging unites them. */
const UNION: Resolver = {
  resolve: (key, existing, incoming) =>
    key[0] === 0x6d
      ? incoming
      : latin1Encode(
          [...new Set(latin1Decode(existing ?? new Uint8Array(0)) + latin1Decode(incoming))].sort().join(""),
        ),
};

const events: Events = {
  event: () => undefined,
  fatal: (code, text) => {
    throw new Error(`${code}: ${text}`);
  },
};

class Session {
  readonly work = new DeferredWork();
  readonly files: ForgetfulFiles;
  readonly engine: MemoryEngine;
  readonly storage: JournaledStorage;
  readonly report: RecoveryReport;

  constructor(files: ReadonlyMap<string, Uint8Array> = new Map(), rows: MemoryRows = []) {
    this.files = new ForgetfulFiles(this.work.defer, files);
    this.engine = new MemoryEngine(this.work.defer, rows);
    const parts = { files: this.files, engine: this.engine, events, resolver: UNION };
    const opened: (readonly [JournaledStorage, RecoveryReport])[] = [];
    openJournaledStorage(
      { ...parts, cluster: "test", member: 7, createdBy: "test", place: "data" },
      {
        onStorageOpened: (storage, report) => opened.push([storage, report]),
        onStorageRefused: ({ text }) => {
          throw new Error(text);
        },
      },
    );
    this.work.drain();
    const [pair] = opened;
    if (pair === undefined) throw new Error("not opened");
    [this.storage, this.report] = pair;
  }

  append(key: string, value: string | null): void {
    const bytes = value === null ? null : latin1Encode(value);
    this.storage.append(
      latin1Encode(key),
      bytes,
      "fsync",
      { onStored: () => undefined, onRows: () => undefined },
      0,
    );
    this.storage.onTurnEnd();
    this.work.drain();
  }

  deleteRange(from: string, to: string): void {
    const user = { onStored: () => undefined, onRows: () => undefined };
    this.storage.deleteRange(latin1Encode(from), latin1Encode(to), user, 0);
    this.storage.onTurnEnd();
    this.work.drain();
  }

  /** After a crash, with these rows in the engine. */
  reopened(rows: Readonly<Record<string, string>>): Session {
    const kept = Object.entries(rows).map(
      ([key, value]) => [latin1Encode(key), latin1Encode(value)] as const,
    );
    return new Session(this.files.remains(KEEP_EVERYTHING), kept);
  }

  get rows(): Record<string, string> {
    const rows = this.engine.remains(0);
    return Object.fromEntries(rows.map(([key, value]) => [latin1Decode(key), latin1Decode(value)]));
  }
}

describe("replaying the journal", () => {
  it("merges what it holds with what the engine has kept, in order", () => {
    const session = new Session();
    session.append("a", "xy");
    session.append("a", "z");
    session.append("b", "q");
    session.append("metadata", "old");
    session.append("metadata", "new");
    const next = session.reopened({ a: "w", metadata: "even older", other: "o" });
    expect(next.rows).toEqual({ a: "wxyz", b: "q", metadata: "new", other: "o" });
    expect(next.report).toMatchObject({ segments: 1, rounds: 5, entries: 5, cutBytes: 0 });
  });

  it("a removal makes what the engine has kept count no more", () => {
    const session = new Session();
    session.append("a", "x");
    session.append("a", null);
    session.append("b", null);
    session.append("b", "y");
    expect(session.reopened({ a: "w", b: "w" }).rows).toEqual({ b: "y" });
  });

  it("a range removal takes what came before it, in the journal and in the engine", () => {
    const session = new Session();
    session.append("a", "x");
    session.append("c", "x");
    session.deleteRange("a", "c");
    session.append("b", "y");
    expect(session.reopened({ a: "w", b: "w", bb: "w", c: "w" }).rows).toEqual({ b: "y", c: "wx" });
  });

  it("goes through many pages", () => {
    const session = new Session();
    const user = { onStored: () => undefined, onRows: () => undefined };
    for (let row = 0; row < 5000; row++) {
      session.storage.append(
        latin1Encode(`k${row % 3000}`),
        latin1Encode(row < 3000 ? "a" : "b"),
        "os",
        user,
        0,
      );
    }
    session.storage.onTurnEnd();
    session.work.drain();
    const next = session.reopened({});
    expect(next.report.entries).toBe(5000);
    expect(Object.keys(next.rows)).toHaveLength(3000);
    expect([next.rows["k0"], next.rows["k1999"], next.rows["k2000"], next.rows["k2999"]]).toEqual([
      "ab",
      "ab",
      "a",
      "a",
    ]);
  });

  it("is not done again after an orderly end, nor when it has been done", () => {
    const session = new Session();
    session.append("a", "x");
    const crashed = session.reopened({});
    expect(crashed.report.entries).toBe(1);
    expect(
      new Session(crashed.files.remains(KEEP_EVERYTHING), crashed.engine.remains(0)).report.entries,
    ).toBe(0);
    session.storage.close({ onStored: () => undefined, onRows: () => undefined }, 0);
    session.work.drain();
    expect(
      new Session(session.files.remains(KEEP_EVERYTHING), session.engine.remains(0)).report,
    ).toMatchObject({
      // What is left is the claim that there is nothing to do.
      rounds: 1,
      entries: 0,
    });
  });
});

describe("a page", () => {
  it("reads each key once, and not one that begins with a removal", () => {
    const page = new RecoveryPage(UNION);
    page.put(latin1Encode("a"), latin1Encode("x"));
    page.put(latin1Encode("a"), latin1Encode("y"));
    page.remove(latin1Encode("b"));
    page.put(latin1Encode("b"), latin1Encode("z"));
    expect(page.rows).toBe(2);
    expect(page.keysToRead().map(latin1Decode)).toEqual(["a"]);
    const { keys, values } = page.take([latin1Encode("w")]);
    const rows = keys.map(
      (key, at) => `${latin1Decode(key)}=${latin1Decode(values[at] ?? new Uint8Array(0))}`,
    );
    expect(rows.sort()).toEqual(["a=wxy", "b=z"]);
    expect(page.rows).toBe(0);
    expect(page.bytes).toBe(0);
  });
});
