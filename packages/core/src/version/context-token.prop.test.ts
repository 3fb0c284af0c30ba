import fc from "fast-check";
import { expect, it } from "vitest";
import { base64urlDecode, base64urlEncode } from "../base/base64url.ts";
import { type Bytes, bytesEqual, EMPTY_BYTES } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { contextWith, isContext } from "./causal-context.ts";
import { decodeToken, encodeToken, type TokenScope } from "./context-token.ts";
import { records } from "./record-arbitraries.fixture.ts";
import { contextOf, encodeSingle, headOf } from "./record.ts";
import { writeU16, writeU32, writeU64 } from "./record-layout.ts";

const scopes: fc.Arbitrary<TokenScope> = fc.record({
  cluster: fc.nat(2 ** 32 - 1),
  namespace: fc.integer({ min: 1, max: 65_535 }),
});
const keys = fc.uint8Array({ maxLength: 20 });
const held = fc.option(records, { freq: 10 });

it("gives back the claims of the record, at the place where it was made", () => {
  fc.assert(
    fc.property(scopes, keys, held, (scope, key, record) => {
      const token = encodeToken(scope, key, record);
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeToken(scope, key, token)).toEqual(contextOf(record));
      if (record !== null) expect(encodeToken(scope, key, headOf(record))).toBe(token);
    }),
  );
});

it("is refused for another key, namespace or cluster", () => {
  fc.assert(
    fc.property(scopes, scopes, keys, keys, held, (scope, other, key, otherKey, record) => {
      const token = encodeToken(scope, key, record);
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
      const token = encodeToken(scope, key, record);
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
      const bytes = base64urlDecode(encodeToken(scope, key, record));
      if (bytes === null) throw new Error("a token is base64url");
      for (const [at, byte] of all) bytes[at % bytes.length] = byte;
      writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
      const context = decodeToken(scope, key, base64urlEncode(bytes));
      if (context !== null) expect(isContext(context)).toBe(true);
    }),
  );
});

it("a token with a dot that its claims do not cover is refused, whoever summed it", () => {
  const scope = { cluster: 1, namespace: 1 };
  const key = Uint8Array.of(107);
  const context = contextWith(EMPTY_BYTES, 1, 5, 9);
  const record = encodeSingle(context, 1, 5, 9, false, 0, EMPTY_BYTES);
  const withDot = (run: number, clock: number): Bytes | null => {
    const bytes = base64urlDecode(encodeToken(scope, key, record)) ?? EMPTY_BYTES;
    writeU16(bytes, 19, run);
    writeU64(bytes, 21, clock);
    writeU32(bytes, bytes.length - 4, crc32c(bytes, 0, bytes.length - 4));
    return decodeToken(scope, key, base64urlEncode(bytes));
  };
  expect(withDot(0, 9)).toEqual(context);
  for (const [run, clock] of [
    [0, 10],
    [0, 2 ** 53],
    [1, 9],
    [1, 0],
    [65_535, 0],
  ] as const) {
    expect(withDot(run, clock)).toBeNull();
  }
});
