import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf } from "./decimal.ts";

const MAX = 2n ** 63n - 1n;

function parse(text: string): number {
  return decimalOf(Buffer.from(text, "latin1"));
}

test.each([
  "",
  "-",
  "+1",
  " 1",
  "1 ",
  "01",
  "-01",
  "-0",
  "00",
  "0x10",
  "1e3",
  "1.0",
  "--1",
  "1-",
  "NaN",
  "Infinity",
  "1_000",
  "\u0661",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999",
])("%j is no number", (text) => {
  expect(parse(text)).toBeNaN();
});

test.each(["0", "-1", "9", "10", "9223372036854775807", "-9223372036854775808", "922337203685477580"])(
  "%s is one",
  (text) => {
    expect(parse(text)).toBe(Number(text));
  },
);

test("every number of 64 bits is read, and nothing beyond", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -2n * MAX, max: 2n * MAX }), (value) => {
      const expected = value > MAX || value < -MAX - 1n ? Number.NaN : Number(value);
      expect(parse(String(value))).toBe(expected);
    }),
  );
});

test("any other text is refused", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("0123456789-+ x.e")), maxLength: 22 }),
      (text) => {
        const strict = /^(0|-?[1-9][0-9]*)$/.test(text) && BigInt(text) <= MAX && BigInt(text) >= -MAX - 1n;
        expect(Number.isNaN(parse(text))).toBe(!strict);
      },
    ),
  );
});
