import fc from "fast-check";
import { expect, test } from "vitest";
import { base64urlDecode, base64urlEncode } from "./base64url.ts";

/** RFC 4648, section 10, without padding. */
test.each([
  ["", ""],
  ["f", "Zg"],
  ["fo", "Zm8"],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg"],
  ["fooba", "Zm9vYmE"],
  ["foobar", "Zm9vYmFy"],
])("%j is written %j", (plain, text) => {
  expect(base64urlEncode(Buffer.from(plain))).toBe(text);
  expect(base64urlDecode(text)).toEqual(Uint8Array.from(Buffer.from(plain)));
});

test("bytes come back, and are written as other programs write them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = base64urlEncode(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(base64urlDecode(text)).toEqual(bytes);
    }),
  );
});

test("whatever is accepted is exactly what would have been written", () => {
  const alphabet = fc.constantFrom(..."AZaz09-_BQgw+/=. \n\u00e9\u0141\ud83d".split(""));
  const nearly = fc.uint8Array({ maxLength: 12 }).map(base64urlEncode);
  const texts = fc.oneof(
    fc.string({ unit: alphabet, maxLength: 12 }),
    fc.tuple(nearly, alphabet, fc.nat(12)).map(([t, c, at]) => t.slice(0, at) + c + t.slice(at + 1)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = base64urlDecode(text);
      if (bytes !== null) expect(base64urlEncode(bytes)).toBe(text);
      else expect(Buffer.from(text, "base64url").toString("base64url")).not.toBe(text);
    }),
  );
});

test.each(["A", "AAAAA", "AB", "AAB", "Zg==", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm9\u0176", "Z.", "é9"])(
  "%j is refused",
  (text) => {
    expect(base64urlDecode(text)).toBeNull();
  },
);
