import { describe, expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import type { Durability } from "../ports/storage.ts";
import { EMPTY_DISK, Life } from "./journal-crash.fixture.ts";
import type { JournaledStorage } from "./journaled-storage.ts";

/** A storage whose calls to the files are seen by name, and whose completions happen when told to. */
class Bench {
  readonly calls: string[] = [];
  readonly answered: number[] = [];
  readonly life: Life;
  readonly storage: JournaledStorage;
  #next = 0;

  constructor(segmentBytesMax = 100_000) {
    this.life = new Life(EMPTY_DISK, { segmentBytesMax }, ({ operation }) => {
      this.calls.push(operation);
      return null;
    });
    this.life.open();
    if (this.life.storage === null) throw new Error("not opened");
    this.storage = this.life.storage;
    this.calls.length = 0;
  }

  append(durability: Durability, valueBytes = 10): void {
    const user = { onStored: (tag: number) => void this.answered.push(tag), onRows: () => undefined };
    this.storage.append(latin1Encode("key"), new Uint8Array(valueBytes), durability, user, this.#next++);
  }

  drain(): void {
    this.life.work.drain();
  }
}

describe("a round", () => {
  it("takes everything of a turn, in one write and one datasync", () => {
    const bench = new Bench();
    for (const durability of ["fsync", "os", "fsync"] as const) bench.append(durability);
    expect(bench.calls).toEqual([]);
    bench.storage.onTurnEnd();
    expect(bench.calls).toEqual(["write"]);
    bench.drain();
    expect(bench.calls).toEqual(["write", "datasync"]);
    expect(bench.storage.sizes()).toMatchObject({ rounds: 1, syncs: 1, queuedAppends: 0, engineLag: 0 });
  });

  it("has no datasync when nobody asked for one", () => {
    const bench = new Bench();
    bench.append("os");
    bench.storage.onTurnEnd();
    bench.drain();
    expect(bench.calls).toEqual(["write"]);
    expect(bench.answered).toEqual([0]);
  });

  it("answers 'os' after the write and 'fsync' after the datasync, each once the engine has it", () => {
    const bench = new Bench();
    for (const durability of ["fsync", "os", "fsync", "os"] as const) bench.append(durability);
    bench.storage.onTurnEnd();
    expect(bench.answered).toEqual([]);
    bench.life.work.step();
    expect(bench.answered).toEqual([]);
    bench.life.work.step();
    expect(bench.answered).toEqual([1, 3]);
    bench.life.work.step();
    expect(bench.answered).toEqual([1, 3, 0, 2]);
  });

  it("waits for the one in flight, and then begins at once with all that has queued up", () => {
    const bench = new Bench();
    bench.append("fsync");
    bench.storage.onTurnEnd();
    bench.append("fsync");
    bench.append("fsync");
    bench.storage.onTurnEnd();
    expect(bench.calls).toEqual(["write"]);
    expect(bench.storage.sizes().queuedAppends).toBe(3);
    bench.drain();
    expect(bench.calls).toEqual(["write", "datasync", "write", "datasync"]);
    expect(bench.answered).toEqual([0, 1, 2]);
  });

  it("is bounded in bytes, but takes one entry of any size", () => {
    const bench = new Bench();
    // The laboratory's bound is 4,096 bytes; a header takes 44, an entry of this size 8 + 3 + 1,000.
    for (let entry = 0; entry < 9; entry++) bench.append("os", 1000);
    bench.append("os", 100_000);
    bench.append("os", 1000);
    bench.storage.onTurnEnd();
    bench.drain();
    expect(bench.storage.sizes().rounds).toBe(5);
    expect(bench.answered).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("is held at the bound: one byte less fits, one more does not", () => {
    for (const [spare, rounds] of [
      [1, 1],
      [0, 1],
      [-1, 2],
    ] as const) {
      const bench = new Bench();
      bench.append("os", 1000);
      bench.append("os", 4096 - 44 - 2 * 11 - 1000 - spare);
      bench.storage.onTurnEnd();
      bench.drain();
      expect(bench.storage.sizes().rounds, `spare ${spare}`).toBe(rounds);
    }
  });

  it("does not begin while too many wait for the engine", () => {
    const bench = new Bench();
    const deliverFiles = () => {
      // Completions of the engine's writes stay behind; those of files are the last.
      while (bench.calls.length > 0) {
        bench.calls.length = 0;
        bench.life.work.step(bench.life.work.size - 2);
      }
    };
    for (let round = 0; round < 5; round++) {
      bench.append("os");
      bench.storage.onTurnEnd();
      deliverFiles();
    }
    expect(bench.storage.sizes()).toMatchObject({ rounds: 2, engineLag: 2, queuedAppends: 3 });
    bench.drain();
    expect(bench.answered).toEqual([0, 1, 2, 3, 4]);
    expect(bench.storage.sizes().engineLag).toBe(0);
  });
});

describe("what a user does while it is answered", () => {
  it("joins the next round, which begins without a turn's end", () => {
    const bench = new Bench();
    const seen: string[] = [];
    const again = { onStored: () => void seen.push("second"), onRows: () => undefined };
    const first = {
      onStored: () => {
        seen.push("first");
        bench.storage.append(latin1Encode("a"), latin1Encode("1"), "fsync", again, 0);
        bench.storage.onTurnEnd();
        expect(seen).toEqual(["first"]);
      },
      onRows: () => undefined,
    };
    bench.storage.append(latin1Encode("a"), latin1Encode("0"), "fsync", first, 0);
    bench.storage.onTurnEnd();
    bench.drain();
    expect(seen).toEqual(["first", "second"]);
  });
});

describe("segments", () => {
  it("are sealed with a sync, and begun with header, sync and directory sync, before a round goes there", () => {
    const bench = new Bench(300);
    for (const durability of ["os", "fsync", "os", "os"] as const) {
      bench.append(durability, 10);
      bench.storage.onTurnEnd();
      bench.life.work.drain();
    }
    expect(bench.calls.slice(0, 3)).toEqual(["write", "write", "datasync"]);
    const sealed = ["close", "open", "write", "datasync", "syncDirectory", "write"];
    expect(bench.calls.slice(3, 9)).toEqual(sealed);
  });

  it("go when the engine has flushed what they cover, and a synced round says so", () => {
    const bench = new Bench(300);
    for (let round = 0; round < 3; round++) {
      bench.append("os");
      bench.storage.onTurnEnd();
      bench.drain();
    }
    expect(bench.storage.sizes().journalSegments).toBe(1);
    expect(bench.calls).toContain("unlink");
    // Three rounds, one sync for sealing, and one round that carries nothing but the claim.
    expect(bench.storage.sizes().rounds).toBe(4);
    expect(bench.calls.indexOf("unlink")).toBeGreaterThan(bench.calls.lastIndexOf("datasync"));
    expect(bench.storage.sizes().journalBytes).toBeLessThan(300);
  });

  it("stay while the engine has not flushed", () => {
    const bench = new Bench(300);
    for (let round = 0; round < 3; round++) {
      bench.append("os");
      bench.storage.onTurnEnd();
      while (bench.answered.length <= round) bench.life.work.step();
    }
    expect(bench.storage.sizes().journalSegments).toBe(2);
    expect(bench.calls).not.toContain("unlink");
  });
});

describe("closing", () => {
  it("flushes, claims and lets go of the file", () => {
    const bench = new Bench();
    bench.append("fsync");
    let isClosed = false;
    bench.storage.close({ onStored: () => (isClosed = true), onRows: () => undefined }, 0);
    expect(isClosed).toBe(false);
    bench.drain();
    expect(isClosed).toBe(true);
    expect(bench.answered).toEqual([0]);
    expect(bench.calls.at(-1)).toBe("close");
    expect(bench.life.engine.unflushedWrites).toBe(0);
  });

  it("ends also when nothing was ever written", () => {
    const bench = new Bench();
    let isClosed = false;
    bench.storage.close({ onStored: () => (isClosed = true), onRows: () => undefined }, 0);
    bench.drain();
    expect(isClosed).toBe(true);
  });
});
