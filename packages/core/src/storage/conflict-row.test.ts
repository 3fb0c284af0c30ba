import { expect, test } from "vitest";
import { digest16 } from "../base/hash.ts";
import { hex, latin1Encode } from "../base/utf8.ts";
import { decodeConflict, encodeConflict } from "./conflict-row.ts";
import { conflictKey, isRecordKey, placeOfConflictKey, recordKey } from "./keyspace.ts";

const lost = {
  instant: 869_020_467_200_007,
  namespace: 2,
  key: latin1Encode("greeting"),
  kind: "concurrent",
  dot: { member: 3, start: 5, clock: 7 },
  versionKind: "value",
  expiryMs: 1_800_000_000_000,
  value: latin1Encode("hello"),
  winner: { member: 1, start: 6, clock: 9 },
} as const;

test("an entry comes back as it was", () => {
  const { value, ...rest } = lost;
  const entry = decodeConflict(encodeConflict(lost, 5));
  expect(entry).toEqual({ ...rest, value, valueBytes: 5, digest: null });
});

test("of a value that is too large there are the length and the digest", () => {
  const entry = decodeConflict(encodeConflict(lost, 4));
  expect(entry).toMatchObject({ value: null, valueBytes: 5, digest: digest16(lost.value) });
});

test("a tombstone has no value", () => {
  const tombstone = {
    ...lost,
    kind: "overwritten",
    versionKind: "tombstone",
    expiryMs: 0,
    value: new Uint8Array(),
  } as const;
  const entry = decodeConflict(encodeConflict(tombstone, 4));
  expect(entry).toMatchObject({ kind: "overwritten", versionKind: "tombstone", valueBytes: 0, digest: null });
});

test("any flipped bit, and any cut, makes it no entry", () => {
  const row = encodeConflict(lost, 100);
  for (let bit = 0; bit < 8 * row.length; bit++) {
    const broken = row.slice();
    broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(decodeConflict(broken)).toBeNull();
  }
  for (let length = 0; length < row.length; length++)
    expect(decodeConflict(row.subarray(0, length))).toBeNull();
});

test("keys name places, in their order, in a space of their own", () => {
  const places = [
    { instant: 1, number: 4_294_967_295 },
    { instant: 2, number: 0 },
    { instant: 2 ** 40, number: 1 },
    { instant: Number.MAX_SAFE_INTEGER, number: 0 },
  ];
  const keys = places.map((place) => hex(conflictKey(place)));
  expect(keys).toEqual(keys.toSorted());
  expect(places.map((place) => placeOfConflictKey(conflictKey(place)))).toEqual(places);
  expect(isRecordKey(conflictKey({ instant: 1, number: 1 }))).toBe(false);
  expect(placeOfConflictKey(recordKey(1, 1, latin1Encode("123456")))).toBeNull();
  expect(placeOfConflictKey(new Uint8Array([0x18, 1]))).toBeNull();
});
