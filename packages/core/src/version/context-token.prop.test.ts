import fc from "fast-check";
import { expect, it } from "vitest";
import { base64urlDecode, base64urlEncode } from "../base/base64url.ts";
import { type Bytes, bytesEqual, EMPTY_BYTES } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { contextWith, isContext } from "./causal-context.ts";
import { decodeToken, encodeToken, type TokenScope } from "./context-token.ts";
import { records } from "./record-arbitraries.fixture.ts";
import { headOf } from "./record.ts";
import { ENTRY_BYTES, writeEntry, writeU32 } from "./record-layout.ts";
import { isDotTable, type SeenContext, seenOf } from "./seen-context.ts";

const scopes: fc.Arbitrary<TokenScope> = fc.record({
  cluster: fc.nat(2 ** 32 - 1),
  namespace: fc.integer({ min: 1, max: 65_535 }),
});
const keys = fc.uint8Array({ maxLength: 20 });
const held = fc.option(records, { freq: 10 });

it("gives back the claims of the record, at the place where it was made", () => {
  fc.assert(
    fc.property(scopes, keys, held, (scope, key, record) => {
      const token = encodeToken(scope, key, seenOf(record));
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeToken(scope, key, token)).toEqual(seenOf(record));
      if (record !== null) expect(encodeToken(scope, key, seenOf(headOf(record)))).toBe(token);
    }),
  );
});

it("is refused for another key, namespace or cluster", () => {
  fc.assert(
    fc.property(scopes, scopes, keys, keys, held, (scope, other, key, otherKey, record) => {
      const token = encodeToken(scope, key, seenOf(record));
      const at = (namespace: number, cluster: number): TokenScope => ({ namespace, cluster });
      if (!bytesEqual(key, otherKey)) expect(decodeToken(scope, otherKey, token)).toBeNull();
      if (other.namespace !== scope.namespace) {
        expect(decodeToken(at(other.namespace, scope.cluster), key, token)).toBeNull();
      }
      if (other.cluster !== scope.cluster) {
        expect(decodeToken(at(scope.namespace, other.cluster), key, token)).toBeNull();
      }
    }),
  );
});

it("is refused when it is cut, lengthened or has another character anywhere", () => {
  const anyCharacter = fc.constantFrom("A", "B", "9", "_", "-", "=", "+", "/", " ", "é", "\u0000");
  fc.assert(
    fc.property(scopes, keys, held, anyCharacter, (scope, key, record, character) => {
      const token = encodeToken(scope, key, seenOf(record));
      const accepted: string[] = [];
      const offer = (text: string): void => {
        if (text !== token && decodeToken(scope, key, text) !== null) accepted.push(text);
      };
      for (let at = 0; at < token.length; at++) {
        offer(token.slice(0, at));
        offer(`${token.slice(0, at)}${character}${token.slice(at + 1)}`);
      }
      offer(token + character);
      offer(token + token);
      expect(accepted).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

it("a random string is refused, and never throws", () => {
  const strings = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 150 }).map(base64urlEncode),
    fc.uint8Array({ maxLength: 150 }).map((bytes) => base64urlEncode(new Uint8Array([1, ...bytes]))),
  );
  fc.assert(
    fc.property(scopes, keys, strings, (scope, key, text) => {
      expect(decodeToken(scope, key, text)).toBeNull();
    }),
  );
});

it("a token altered by somebody who can sum it gives a context or nothing, and never throws", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(scopes, keys, held, changes, (scope, key, record, all) => {
      const bytes = base64urlDecode(encodeToken(scope, key, seenOf(record)));
      if (bytes === null) throw new Error("a token is base64url");
      for (const [at, byte] of all) bytes[at % bytes.length] = byte;
      writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
      const seen = decodeToken(scope, key, base64urlEncode(bytes));
      if (seen !== null) expect(isContext(seen.claims) && isDotTable(seen.dots)).toBe(true);
    }),
  );
});

it("a token whose dots are in no order, or are no dots, is refused, whoever summed it", () => {
  const scope = { cluster: 1, namespace: 1 };
  const key = Uint8Array.of(107);
  const claims = contextWith(EMPTY_BYTES, 1, 5, 9);
  const dot = (member: number, start: number, clock: number): Bytes => {
    const bytes = new Uint8Array(ENTRY_BYTES);
    writeEntry(bytes, 0, member, start, clock);
    return bytes;
  };
  const decoded = (...dots: Bytes[]): SeenContext | null => {
    const table = new Uint8Array(dots.length * ENTRY_BYTES);
    for (const [i, bytes] of dots.entries()) table.set(bytes, i * ENTRY_BYTES);
    return decodeToken(scope, key, encodeToken(scope, key, { claims, dots: table }));
  };
  // A dot that the claims do not cover is what a write beside a sibling leaves its author with.
  expect(decoded(dot(1, 5, 12))).toEqual({ claims, dots: dot(1, 5, 12) });
  expect(decoded(dot(1, 5, 12), dot(2, 5, 12))).not.toBeNull();
  for (const dots of [
    [dot(2, 5, 12), dot(1, 5, 12)],
    [dot(1, 5, 12), dot(1, 5, 12)],
    [dot(0, 5, 12)],
    [dot(1, 13, 12)],
    [dot(1, 5, 2 ** 53)],
  ]) {
    expect(decoded(...dots)).toBeNull();
  }
});
