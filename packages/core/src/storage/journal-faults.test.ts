/** Every call to the files fails once: then nothing is answered any more, it is said once, and nothing is lost. */
import { describe, expect, it } from "vitest";
import type { Bytes } from "../base/bytes.ts";
import type { Engine, EngineUser } from "../ports/engine.ts";
import { USED_ROWS, usedDisk } from "./journal-crash-search.fixture.ts";
import {
  EMPTY_DISK,
  failAt,
  failNth,
  type Image,
  Ledger,
  Life,
  type Operation,
  Recoveries,
} from "./journal-crash.fixture.ts";
import { HonestEngine } from "./journal-honest.fixture.ts";

const options = { segmentBytesMax: 190 };

const workload: readonly Operation[] = [
  { kind: "put", key: "a", durability: "fsync" },
  { kind: "put", key: "b", durability: "os" },
  { kind: "remove", key: "a", durability: "os" },
  { kind: "put", key: "a", durability: "fsync" },
  { kind: "remove-range" },
  { kind: "put", key: "b", durability: "fsync" },
];

const disks: readonly (readonly [string, Image, ReadonlyMap<string, string>])[] = [
  ["an empty disk", EMPTY_DISK, new Map()],
  ["a used disk", usedDisk(options), USED_ROWS],
];

/** Issues an operation a turn until all is done or all is over. */
function run(life: Life, ledger: Ledger): void {
  life.open();
  const { storage } = life;
  if (storage === null) return;
  for (const operation of workload) {
    ledger.issue(storage, operation);
    storage.onTurnEnd();
    life.work.step();
  }
  while (life.work.size > 0) {
    const failed = life.fatals.length > 0;
    const before = ledger.acknowledged;
    life.work.step();
    if (failed) expect(ledger.acknowledged).toBe(before);
  }
}

function callsWithoutFault(image: Image): number {
  const life = new Life(image, options);
  const ledger = new Ledger();
  run(life, ledger);
  expect(ledger.acknowledged).toBe(workload.length);
  expect(life.fatals).toEqual([]);
  return life.files.calls;
}

describe.each(disks)("on %s", (_name, image, start) => {
  it.each(["EIO", "ENOSPC"])("whichever call fails with %s, the end is loud and nothing is lost", (code) => {
    const calls = callsWithoutFault(image);
    expect(calls).toBeGreaterThan(30);
    const recoveries = new Recoveries(options);
    for (let index = 0; index < calls; index++) {
      const life = new Life(image, options, failAt(index, { code, text: "a planted fault" }));
      const ledger = new Ledger();
      run(life, ledger);
      const ends = [...life.fatals, ...(life.refusal === null ? [] : [`refused: ${life.refusal.text}`])];
      expect(ends, `call ${index}`).toHaveLength(1);
      expect(ends[0]).toContain(code);
      if (code === "ENOSPC") expect(ends[0]).toContain("no space left on device");
      for (const [after, images] of [
        ["power cut", life.imagesAfterPowerCut()],
        ["kill", life.imagesAfterKill()],
      ] as const) {
        for (const left of images) {
          for (const outcome of recoveries.outcomes(left, 0)) {
            expect(ledger.complaint(outcome, start, after), `call ${index}`).toBeNull();
          }
        }
      }
    }
  });
});

describe("the words of a failure", () => {
  function fatalOf(operation: "write" | "datasync" | "unlink" | "syncDirectory", nth: number): string {
    const life = new Life(EMPTY_DISK, options, failNth(operation, nth));
    run(life, new Ledger());
    return life.fatals[0] ?? life.refusal?.text ?? "none";
  }

  it("say what failed, why the member stops, and what to do", () => {
    expect(fatalOf("datasync", 3)).toBe(
      "journal-failed: fsync failed: fsync journal-0000000000000001.log failed (EIO: i/o error); the process stops because the kernel may have dropped the data, and a second fsync would only seem to succeed; check the disk, then start the member again",
    );
    expect(fatalOf("write", 3)).toContain(
      "write journal-0000000000000001.log failed (EIO: i/o error); the member stops",
    );
    expect(fatalOf("unlink", 1)).toContain("remove journal-0000000000000001.log failed");
    expect(fatalOf("syncDirectory", 3)).toContain(
      "fsync of the directory of journal-0000000000000002.log failed",
    );
    expect(fatalOf("syncDirectory", 1)).toContain(
      "fsync of the directory failed (EIO: i/o error); the member does not start",
    );
  });
});

/** Fails its nth call of a kind. */
class FailingEngine extends HonestEngine {
  readonly #operation: keyof Engine;
  #left: number;

  constructor(engine: Engine, operation: keyof Engine, nth: number) {
    super(engine);
    this.#operation = operation;
    this.#left = nth;
  }

  override write(
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    user: EngineUser,
    tag: number,
  ): void {
    super.write(keys, values, this.#hearerFor("write", user), tag);
  }

  override deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    super.deleteRange(from, to, this.#hearerFor("deleteRange", user), tag);
  }

  override flush(user: EngineUser, tag: number): void {
    super.flush(this.#hearerFor("flush", user), tag);
  }

  #hearerFor(operation: keyof Engine, user: EngineUser): EngineUser {
    if (operation !== this.#operation || --this.#left !== 0) return user;
    const error = { code: "EIO", text: "background error" };
    return { onEngine: (tag) => user.onEngine(tag, error), onRows: () => undefined };
  }
}

describe("an engine that fails", () => {
  it.each([
    ["write", 1],
    ["write", 3],
    ["deleteRange", 1],
    ["flush", 2],
  ] as const)("in a %s ends the storage as the journal does: call %i", (operation, nth) => {
    const life = new Life(EMPTY_DISK, {
      ...options,
      wrapEngine: (engine) => new FailingEngine(engine, operation, nth),
    });
    const ledger = new Ledger();
    run(life, ledger);
    expect(life.fatals).toHaveLength(1);
    expect(life.fatals[0]).toContain("storage engine failed (EIO: background error)");
    // The flush is needed by nobody who waits.
    if (operation !== "flush") expect(ledger.acknowledged).toBeLessThan(workload.length);
  });

  it("while the storage opens, refuses it", () => {
    const life = new Life(EMPTY_DISK, {
      ...options,
      wrapEngine: (engine) => new FailingEngine(engine, "flush", 1),
    });
    run(life, new Ledger());
    expect(life.refusal?.text).toContain("flushing the storage engine failed (EIO: background error)");
    expect(life.fatals).toEqual([]);
  });
});
