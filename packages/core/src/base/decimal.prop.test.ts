/** Numbers as INCR and INCRBYFLOAT read and write them. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { addDecimals, isInt64, parseInt64 } from "./decimal.ts";
import { latin1Decode, latin1Encode } from "./utf8.ts";

const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

function sum(a: string, b: string): string | null {
  const result = addDecimals(latin1Encode(a), latin1Encode(b));
  return result === null ? null : latin1Decode(result);
}

describe("whole numbers of 64 bits", () => {
  test("come back from their one form", () => {
    fc.assert(
      fc.property(int64, (number) => {
        expect(parseInt64(latin1Encode(number.toString()))).toBe(number);
      }),
    );
  });

  it.each([
    "",
    "-",
    "+1",
    "01",
    "-0",
    "1.0",
    "1e3",
    " 1",
    "1 ",
    "9223372036854775808",
    "-9223372036854775809",
    "x",
  ])("%j is none", (text) => {
    expect(parseInt64(latin1Encode(text))).toBe(null);
  });

  it("have bounds", () => {
    expect([
      isInt64((1n << 63n) - 1n),
      isInt64(1n << 63n),
      isInt64(-(1n << 63n)),
      isInt64(-(1n << 63n) - 1n),
    ]).toEqual([true, false, true, false]);
  });
});

describe("decimal fractions", () => {
  it.each([
    ["10.5", "0.1", "10.6"],
    ["0.1", "0.2", "0.3"],
    ["5.0e3", "2.0e2", "5200"],
    ["3", "-3", "0"],
    ["-0.5", "0.25", "-0.25"],
    ["1e-17", "0", "0.00000000000000001"],
    ["4e-18", "0", "0"],
    ["5e-18", "0", "0.00000000000000001"],
    ["-5e-18", "0", "-0.00000000000000001"],
    ["1e20", "1", "100000000000000000001"],
    [".5", "5.", "5.5"],
    ["+1", "1", "2"],
  ])("%s and %s make %s", (a, b, expected) => {
    expect(sum(a, b)).toBe(expected);
  });

  it.each(["", ".", "e3", "1e", "0x10", "inf", "nan", " 1", "1 ", "1e999999", "1".repeat(600)])(
    "%j is none",
    (text) => {
      expect(sum(text, "1")).toBe(null);
      expect(sum("1", text)).toBe(null);
    },
  );

  test("what is added and taken away again is what it was", () => {
    const hundredths = fc.integer({ min: -1e9, max: 1e9 }).map((n) => (n / 100).toFixed(2));
    fc.assert(
      fc.property(hundredths, hundredths, (a, b) => {
        const there = sum(a, b) ?? "";
        const back = sum(there, b.startsWith("-") ? b.slice(1) : `-${b}`) ?? "";
        expect(Number(back)).toBe(Number(a));
      }),
    );
  });
});
