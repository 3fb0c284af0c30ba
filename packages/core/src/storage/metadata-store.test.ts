import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../base/bytes.ts";
import { hex } from "../base/utf8.ts";
import { unhex } from "../wire/hex.fixture.ts";
import { metadataKey } from "./keyspace.ts";
import { ManualStorage } from "./manual-storage.fixture.ts";
import {
  type ClockMemory,
  decodeClockMemory,
  loadClockMemory,
  NO_CLOCK_MEMORY,
  saveClockMemory,
} from "./metadata-store.ts";

const CLOCK = metadataKey("clock");

class Keeper {
  readonly stored: number[] = [];
  readonly rows: [tag: number, value: Bytes | null | undefined][] = [];

  onStored(tag: number): void {
    this.stored.push(tag);
  }

  onRows(tag: number, _error: unknown, _keys: readonly Bytes[], values: readonly (Bytes | null)[]): void {
    this.rows.push([tag, values[0]]);
  }
}

const clocks = fc.oneof(fc.nat(9), fc.maxSafeNat());
const numbers = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2 ** 32 - 1 }), clocks), { maxLength: 6 })
  .map((entries) => new Map(entries));
const memories: fc.Arbitrary<ClockMemory> = fc
  .tuple(clocks, clocks, fc.nat(), numbers, numbers)
  .map(([ceiling, birth, lives, heard, births]) => ({ ceiling, birth, lives, heard, births }));

function bytesOf(memory: ClockMemory): Bytes {
  const storage = new ManualStorage();
  saveClockMemory(storage, memory, new Keeper(), 0);
  storage.complete();
  return storage.stored(CLOCK) ?? expect.unreachable("it was stored");
}

describe("the memory of clocks", () => {
  it("comes back as it was saved", () => {
    fc.assert(
      fc.property(memories, (memory) => {
        expect(decodeClockMemory(bytesOf(memory))).toEqual(memory);
      }),
    );
  });

  it("is fsynced under its own name, and asked for there", () => {
    const storage = new ManualStorage();
    const keeper = new Keeper();
    saveClockMemory(storage, NO_CLOCK_MEMORY, keeper, 4);
    expect(storage.appends.map(({ key, durability }) => [key, durability])).toEqual([[CLOCK, "fsync"]]);
    storage.complete();
    expect(keeper.stored).toEqual([4]);
    loadClockMemory(storage, keeper, 5);
    storage.answer();
    expect(keeper.rows).toEqual([[5, bytesOf(NO_CLOCK_MEMORY)]]);
  });

  it("of a member that has none is absent", () => {
    const storage = new ManualStorage();
    const keeper = new Keeper();
    loadClockMemory(storage, keeper, 5);
    storage.answer();
    expect(keeper.rows).toEqual([[5, null]]);
    expect(NO_CLOCK_MEMORY).toEqual({ ceiling: 0, birth: 0, lives: 0, heard: new Map(), births: new Map() });
  });

  it("has the bytes that it had when the first member stored it", () => {
    const heard = new Map([
      [2, 775_736_524_800_001],
      [3, 775_736_524_800_002],
    ]);
    const births = new Map([[3, 0x0102_0304_0506]]);
    const memory = { ceiling: 775_736_524_800_000, birth: 0xa1b2_c3d4_e5f6, lives: 258, heard, births };
    expect(hex(bytesOf(memory))).toBe(
      "030002c1873c0000000000a1b2c3d4e5f60002000000020002c1873c000001000000030002c1873c000002000100000003000001020304050600000102",
    );
  });

  it("of format 2, which counted no lives, is read without them", () => {
    const bytes = unhex("020002c1873c0000000000a1b2c3d4e5f600000000");
    const memory = { ...NO_CLOCK_MEMORY, ceiling: 775_736_524_800_000, birth: 0xa1b2_c3d4_e5f6 };
    expect(decodeClockMemory(bytes)).toEqual(memory);
  });

  it("of format 1, which knew no births, is read without any", () => {
    const bytes = unhex("010002c1873c0000000002000000020002c1873c000001000000030002c1873c000002");
    expect(decodeClockMemory(bytes)).toEqual({
      ceiling: 775_736_524_800_000,
      birth: 0,
      lives: 0,
      heard: new Map([
        [2, 775_736_524_800_001],
        [3, 775_736_524_800_002],
      ]),
      births: new Map(),
    });
  });
});

describe("bytes that are none", () => {
  it("cut anywhere, longer, or of another format are refused", () => {
    fc.assert(
      fc.property(memories, fc.integer({ min: 0, max: 255 }), (memory, format) => {
        const bytes = bytesOf(memory);
        for (let end = 0; end < bytes.length; end++) {
          expect(decodeClockMemory(bytes.subarray(0, end))).toBeNull();
        }
        expect(decodeClockMemory(new Uint8Array([...bytes, 0]))).toBeNull();
        bytes[0] = format;
        expect(decodeClockMemory(bytes) === null).toBe(format !== 3);
      }),
      { numRuns: 300 },
    );
  });

  it("with a clock that is no safe integer are refused", () => {
    const bytes = bytesOf({
      ceiling: Number.MAX_SAFE_INTEGER,
      birth: Number.MAX_SAFE_INTEGER,
      lives: 1,
      heard: new Map([[1, Number.MAX_SAFE_INTEGER]]),
      births: new Map([[1, Number.MAX_SAFE_INTEGER]]),
    });
    expect(decodeClockMemory(bytes)).not.toBeNull();
    for (const at of [2, 10, 24, 38]) {
      const beyond = bytes.slice();
      beyond[at] = 0x20;
      expect(decodeClockMemory(beyond)).toBeNull();
    }
  });

  it("at random never make it throw", () => {
    const hostile = fc
      .tuple(fc.constantFrom([], [1], [2], [1, 0, 0], [2, 0, 0]), fc.uint8Array({ maxLength: 40 }))
      .map(([start, rest]) => new Uint8Array([...start, ...rest]));
    fc.assert(
      fc.property(hostile, (bytes) => {
        const memory = decodeClockMemory(bytes);
        if (memory === null) return;
        expect([1, 2]).toContain(bytes[0]);
        const { ceiling, birth, heard, births } = memory;
        expect([ceiling, birth, ...heard.values(), ...births.values()].every(Number.isSafeInteger)).toBe(
          true,
        );
      }),
    );
  });
});
