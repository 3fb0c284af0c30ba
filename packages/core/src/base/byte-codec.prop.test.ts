import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

type Field = readonly ["u8" | "u16" | "u32" | "u64", number] | readonly ["bytes", Uint8Array];

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(fc.constant("u8" as const), fc.nat(0xff)),
  fc.tuple(fc.constant("u16" as const), fc.nat(0xffff)),
  fc.tuple(fc.constant("u32" as const), fc.integer({ min: 0, max: 0xffff_ffff })),
  fc.tuple(fc.constant("u64" as const), fc.maxSafeNat()),
  fc.tuple(fc.constant("bytes" as const), fc.uint8Array({ maxLength: 20 })),
);
const fields = fc.array(field, { maxLength: 20 });

function write(writer: ByteWriter, all: readonly Field[]): void {
  for (const each of all) {
    if (each[0] === "bytes") writer.bytes(each[1]);
    else writer[each[0]](each[1]);
  }
}

function read(reader: ByteReader, all: readonly Field[]): (number | Uint8Array)[] {
  return all.map((each) => (each[0] === "bytes" ? reader.bytes(each[1].length) : reader[each[0]]()));
}

/** By DataView, which is surely big-endian. */
function expected(all: readonly Field[]): Uint8Array {
  const parts = all.map(([kind, value]) => {
    if (kind === "bytes") return value;
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value));
    return new Uint8Array(view.buffer).slice(8 - Number(kind.slice(1)) / 8);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test("what is written is big-endian and reads back", () => {
  const writer = new ByteWriter(1);
  const reader = new ByteReader();
  fc.assert(
    fc.property(fields, fc.nat(3), (all, margin) => {
      writer.reset();
      writer.bytes(new Uint8Array(margin));
      write(writer, all);
      writer.bytes(new Uint8Array(margin));
      expect(writer.view()).toEqual(writer.copy());
      expect(writer.copy().subarray(margin, writer.length - margin)).toEqual(expected(all));
      reader.reset(writer.view(), margin, writer.length - margin);
      expect(read(reader, all)).toEqual(all.map(([, value]) => value));
      expect(reader.complete).toBe(true);
      expect(reader.at).toBe(writer.length - margin);
    }),
  );
});

test("bytes cut short at any place fail, and read as nothing from then on", () => {
  fc.assert(
    fc.property(fields, fc.nat(400), (all, cut) => {
      const writer = new ByteWriter();
      write(writer, all);
      const to = Math.min(cut, writer.length);
      const reader = new ByteReader(writer.view(), 0, to);
      read(reader, all);
      expect(reader.failed).toBe(to < writer.length);
      expect(reader.at).toBeLessThanOrEqual(to);
      if (!reader.failed) return;
      expect([reader.u8(), reader.u64(), reader.bytes(0).length, reader.left]).toEqual([0, 0, 0, 0]);
      expect(reader.complete).toBe(false);
    }),
  );
});

describe("the edges", () => {
  test("a u64 above 2^53 - 1 is a failure", () => {
    const most = new ByteReader(Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255));
    expect(most.u64()).toBe(Number.MAX_SAFE_INTEGER);
    expect(most.failed).toBe(false);
    const above = new ByteReader(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0));
    expect(above.u64()).toBe(0);
    expect(above.failed).toBe(true);
  });

  test("a range beyond the bytes ends where they end", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2), 1, 100);
    expect(reader.left).toBe(1);
    expect(reader.u8()).toBe(2);
    expect(reader.complete).toBe(true);
    reader.u8();
    expect(reader.failed).toBe(true);
  });

  test("whoever finds nonsense can fail the reader", () => {
    const reader = new ByteReader(Uint8Array.of(1));
    reader.fail();
    expect(reader.failed).toBe(true);
    expect(reader.u8()).toBe(0);
  });

  test("numbers that do not fit are a fault of the writer", () => {
    const writer = new ByteWriter();
    for (const value of [-1, NaN, 2 ** 53]) {
      expect(() => writer.u8(value)).toThrow("a u8");
      expect(() => writer.u16(value)).toThrow("a u16");
      expect(() => writer.u32(value)).toThrow("a u32");
      expect(() => writer.u64(value)).toThrow("a u64");
    }
    expect(() => writer.u8(256)).toThrow("a u8");
    expect(() => writer.u16(65_536)).toThrow("a u16");
    expect(() => writer.u32(2 ** 32)).toThrow("a u32");
    expect(writer.length).toBe(0);
  });

  test("four bytes can be written over later, within what was written", () => {
    const writer = new ByteWriter();
    write(writer, [
      ["u32", 0],
      ["u8", 7],
    ]);
    writer.patchU32(0, 0xdeadbeef);
    expect(writer.copy()).toEqual(Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 7));
    expect(() => writer.patchU32(2, 1)).toThrow("within what was written");
  });
});
