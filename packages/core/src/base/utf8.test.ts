import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex, latin1Decode, latin1Encode, utf8Decode, utf8Encode } from "./utf8.ts";

/** The host's own, which the language lacks; without skipping a byte order mark. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts with every width of character, and surrogates on their own. */
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 })).map((units) => String.fromCharCode(...units)),
);

/** Bytes near every boundary of the definition, and any others. */
const EDGES = Uint8Array.from([
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
  0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xbb,
]);
const edges = fc.nat(EDGES.length - 1).map((at) => EDGES[at] ?? 0);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.array(edges, { maxLength: 40 }).map((all) => Uint8Array.from(all)),
);

describe("UTF-8", () => {
  test("texts become the bytes that every other program makes of them", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(utf8Encode(text)).toEqual(encoder.encode(text));
      }),
    );
  });

  test("any bytes become the text that every other program makes of them", () => {
    fc.assert(
      fc.property(bytes, (all) => {
        expect(utf8Decode(all)).toBe(decoder.decode(all));
      }),
    );
  });

  test("long texts, with characters of two units at every offset", () => {
    for (const text of ["𝄞".repeat(10_000), `a${"𝄞é€".repeat(5000)}`, "x".repeat(100_000)]) {
      expect(utf8Decode(utf8Encode(text))).toBe(text);
    }
  });
});

describe("latin1", () => {
  test("every byte is one character and back", () => {
    const all = new Uint8Array(10_000).map((_, i) => i);
    expect(latin1Decode(all)).toBe(Buffer.from(all).toString("latin1"));
    expect(latin1Encode(latin1Decode(all))).toEqual(all);
  });
});

test("hex", () => {
  expect(hex(new Uint8Array([0, 1, 15, 16, 171, 255]))).toBe("00010f10abff");
  expect(hex(new Uint8Array(0))).toBe("");
});
